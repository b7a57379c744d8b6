// Position embeddings of the vision tower for other image sizes than the checkpoint's.
#pragma once

#include <ATen/ATen.h>

namespace bteval::model {

/// Resizes a position embedding [1 + g * g, W] float32 to [1 + rows * columns, W]: the class token's row
/// stays, the square grid of patches is resampled bicubically (a = -0.75, align_corners = false, no
/// antialiasing), as microsoft/BridgeTower and transformers do. The embedding itself where the grid is the
/// same.
at::Tensor resize_position_embedding(const at::Tensor& embedding, std::int64_t rows, std::int64_t columns);

}  // namespace bteval::model
