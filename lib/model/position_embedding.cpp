#include "model/position_embedding.h"

#include <cmath>

namespace bteval::model {

at::Tensor resize_position_embedding(const at::Tensor& embedding, std::int64_t rows, std::int64_t columns) {
  const auto side =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(embedding.size(0) - 1))));
  if (rows == side && columns == side) return embedding;
  const std::int64_t width = embedding.size(1);
  const at::Tensor grid =
      embedding.slice(0, 1).reshape({1, side, side, width}).permute({0, 3, 1, 2}).contiguous();
  const at::Tensor resized = at::upsample_bicubic2d(grid, {rows, columns}, /*align_corners=*/false);
  const at::Tensor patches = resized.permute({0, 2, 3, 1}).reshape({rows * columns, width});
  return at::cat({embedding.slice(0, 0, 1), patches});
}

}  // namespace bteval::model
