// Kernels for GPUs, as fused_ops.h calls them. All tensors are dense, on one GPU and of one dtype: float32,
// bfloat16 or half. Work is enqueued on the current stream; c10::Error where it cannot be.
#pragma once

#include <ATen/ATen.h>

namespace bteval::model::cuda {

/// Whether a row of `width` values fits into a block's shared memory.
inline bool can_normalise(std::int64_t width) { return width <= 8192; }

/// x += y, rounded; out = (x - mean) / sqrt(variance + eps) * weight + bias over the last dimension,
/// statistics in float32. x, y and out [..., H], weight and bias [H].
void add_and_normalise(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight,
                       const at::Tensor& bias, double eps, const at::Tensor& out);

/// x *= sigmoid(1.702 x).
void quick_gelu_(const at::Tensor& x);

}  // namespace bteval::model::cuda
