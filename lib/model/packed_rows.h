// Sequences of different lengths without their padding.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace bteval::model {

/// The number of packed rows is a multiple of this. oneDNN compiles a product anew for each number of rows
/// and keeps it, half a megabyte each: few different numbers save memory and time.
inline constexpr std::int64_t kPackedRowMultiple = 32;

/// `rows` that count, filled up: the rows of the products.
inline std::int64_t filled_up(std::int64_t rows) {
  return (rows + kPackedRowMultiple - 1) / kPackedRowMultiple * kPackedRowMultiple;
}

/// Where the rows of a padded batch [B, S, W] lie when its sequences stand one behind the other, [1, N, W]: a
/// product of them has the rows that count, and up to kPackedRowMultiple - 1 behind them that nobody reads.
class PackedRows {
 public:
  /// mask: [B, S] int64 in host memory, 1 for the rows that count and 0 for padding; each sequence has some.
  explicit PackedRows(const at::Tensor& mask);

  std::int64_t batch() const { return batch_; }
  std::int64_t rows() const { return rows_.size(0); }  ///< N
  /// First packed row of a sequence, and how many it has; begin(batch()): how many count.
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
  at::Tensor rows_;                   // [N] int64: of the padded batch; its first one where none counts
  std::vector<std::int64_t> begins_;  // [B + 1]
};

}  // namespace bteval::model
