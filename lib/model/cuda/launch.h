// What stands between kernels, which see no header of LibTorch (nvcc takes a minute for one), and tensors.
#pragma once

#include <cstdint>

namespace bteval::model::cuda {

enum class Type { kFloat, kBFloat16, kHalf };

/// As add_and_normalise() and quick_gelu_() of fused_kernels.h; `stream` is a cudaStream_t. They return a
/// cudaError_t.
int launch_add_and_normalise(Type type, void* x, const void* y, const void* weight, const void* bias,
                             float eps, void* out, std::int64_t rows, std::int64_t width, void* stream);
int launch_quick_gelu(Type type, void* x, std::int64_t count, void* stream);
const char* error_text(int error);

}  // namespace bteval::model::cuda
