// Copies of tensor views: contiguous, and in another floating dtype.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "checkpoint/tensor_view.h"

namespace bteval::checkpoint {

/// Walks a view in row-major order and copies its elements in pieces.
class ElementCopier {
 public:
  explicit ElementCopier(const TensorView& view);
  /// Copies the next elements, as many as fit into `out` or are left; returns how many.
  std::size_t next(std::span<std::byte> out);

 private:
  const TensorView& view_;
  std::size_t element_size_;
  std::size_t remaining_;
  bool contiguous_;
  const std::byte* position_;
  std::vector<std::int64_t> index_;
};

/// All elements in row-major order: numel * dtype_size bytes.
std::vector<std::byte> contiguous_bytes(const TensorView& view);

/// Converts `count` elements between floating dtypes. Narrowing rounds to nearest, ties to even, overflow to
/// infinity, NaN stays NaN; float64 to a 16-bit dtype goes through float32, as in PyTorch. The ranges must
/// not overlap.
void convert_floats(DType from, const std::byte* in, DType to, std::byte* out, std::size_t count);

/// The view's elements as float32, row-major. Error(kCheckpoint) for a dtype that is not floating.
std::vector<float> float32_values(const TensorView& view);

}  // namespace bteval::checkpoint
