// Sequences of different lengths without their padding.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace bteval::model {

/// Where the rows of a padded batch [B, S, W] lie when its sequences stand one behind the other, [1, N, W]: a
/// product of them has the N rows that count, and no others.
class PackedRows {
 public:
  /// mask: [B, S] int64 in host memory, 1 for the rows that count and 0 for padding; each sequence has some.
  explicit PackedRows(const at::Tensor& mask);

  std::int64_t batch() const { return batch_; }
  /// First packed row of a sequence, and how many it has.
  std::int64_t begin(std::int64_t sequence) const { return begins_[static_cast<std::size_t>(sequence)]; }
  std::int64_t count(std::int64_t sequence) const { return begin(sequence + 1) - begin(sequence); }

  /// [B, S, W] to [1, N, W].
  at::Tensor pack(const at::Tensor& padded) const;
  /// [1, N, W] to [B, S, W], zeros for the padding. Undefined stays undefined.
  at::Tensor pad(const at::Tensor& packed) const;
  /// Each sequence's first row: [1, N, W] to [B, W].
  at::Tensor first_rows(const at::Tensor& packed) const;

 private:
  std::int64_t batch_, longest_;
  at::Tensor rows_;                   // [N] int64: of the padded batch
  std::vector<std::int64_t> begins_;  // [B + 1]
};

}  // namespace bteval::model
