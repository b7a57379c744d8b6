// What LibTorch has no single operation for: sums that are normalised next, and CLIP's activation.
#pragma once

#include <ATen/ATen.h>

#include "model/layer_norm.h"

namespace bteval::model {

/// Whether this build has the kernels of lib/model/cuda. Without them, and on CPUs, LibTorch's operations one
/// after the other compute the same.
bool has_fused_kernels();
/// Whether they are used: false where there are none or check_fused_kernels() has turned them off.
bool uses_fused_kernels();

/// LN(x + y). x is freshly allocated and becomes x + y, rounded to its type: it is what LN sees. Both [...,
/// H], the same dtype, device and dense layout.
at::Tensor add_and_normalise(at::Tensor& x, const at::Tensor& y, const LayerNorm& norm);

/// x sigmoid(1.702 x), in place: what CLIP takes for GELU.
void quick_gelu_(at::Tensor& x);

/// Compares the kernels with LibTorch's operations on a few rows of `width` values on `device`, and turns
/// them off for the process where they differ by more than rounding or fail; false then. True where there are
/// none.
bool check_fused_kernels(const at::Device& device, at::ScalarType dtype, std::int64_t width);

}  // namespace bteval::model
