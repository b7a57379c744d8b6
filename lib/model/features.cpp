#include "model/bridgetower.h"
#include "model/torch_compat.h"

namespace bteval::model {
namespace {

at::Tensor pick(const at::Tensor& values, const at::Tensor& rows) {
  if (!values.defined()) return values;
  if (values.size(0) == 1) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(values.dim()), -1);
    shape[0] = rows.size(0);
    return values.expand(shape);
  }
  return values.index_select(0, rows);
}

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& values, const at::Tensor& rows) {
  std::vector<at::Tensor> picked;
  picked.reserve(values.size());
  for (const at::Tensor& value : values) picked.push_back(pick(value, rows));
  return picked;
}

// expand() above would take any index for the only row.
void check_rows(const at::Tensor& rows, std::int64_t count) {
  if (rows.dim() != 1 || rows.scalar_type() != at::kLong) {
    throw Error(ErrorCode::kInternal, "select() wants a vector of int64 rows");
  }
  if (count == 1 && rows.numel() > 0 && rows.ne(0).any().item<bool>()) {
    throw Error(ErrorCode::kInternal, "select() was given a row that is not there");
  }
}

}  // namespace

TextFeatures select(const TextFeatures& features, const at::Tensor& rows) {
  return run_inference([&] {
    check_rows(rows, features.last_row.size(0));
    return TextFeatures{pick(features.levels, rows),      pick(features.first_self_attention, rows),
                        pick(features.first_query, rows), pick(features.first_key_value, rows),
                        pick(features.key_mask, rows),    pick(features.last_row, rows)};
  });
}

ImageFeatures select(const ImageFeatures& features, const at::Tensor& rows) {
  return run_inference([&] {
    check_rows(rows, features.last_row.size(0));
    return ImageFeatures{pick(features.levels, rows), pick(features.first_self_attention, rows),
                         pick(features.first_query, rows), pick(features.first_key_value, rows),
                         pick(features.last_row, rows)};
  });
}

}  // namespace bteval::model
