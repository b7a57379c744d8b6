#include "model/packed_rows.h"

namespace bteval::model {

PackedRows::PackedRows(const at::Tensor& mask) : batch_(mask.size(0)), longest_(mask.size(1)) {
  const at::Tensor own = mask.reshape({-1}).nonzero().squeeze(1);
  const std::int64_t count = own.size(0);
  rows_ = at::cat({own, at::zeros({filled_up(count) - count}, own.options())});
  begins_.push_back(0);
  const at::Tensor counts = mask.ne(0).sum(1);
  for (std::int64_t i = 0; i < batch_; ++i)
    begins_.push_back(begins_.back() + counts[i].item<std::int64_t>());
}

at::Tensor PackedRows::pack(const at::Tensor& padded) const {
  return padded.reshape({batch_ * longest_, padded.size(2)}).index_select(0, rows_).unsqueeze(0);
}

at::Tensor PackedRows::pad(const at::Tensor& packed) const {
  if (!packed.defined()) return packed;
  const std::int64_t width = packed.size(2), count = begin(batch_);
  return at::zeros({batch_ * longest_, width}, packed.options())
      .index_copy_(0, rows_.narrow(0, 0, count), packed.squeeze(0).narrow(0, 0, count))
      .view({batch_, longest_, width});
}

at::Tensor PackedRows::first_rows(const at::Tensor& packed) const {
  return packed.squeeze(0).index_select(0, at::tensor(at::IntArrayRef(begins_).slice(0, begins_.size() - 1)));
}

}  // namespace bteval::model
