#include "model/cuda/fused_kernels.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "model/cuda/launch.h"

namespace bteval::model::cuda {
namespace {

Type type_of(const at::Tensor& x) {
  switch (x.scalar_type()) {
    case at::kFloat:
      return Type::kFloat;
    case at::kBFloat16:
      return Type::kBFloat16;
    case at::kHalf:
      return Type::kHalf;
    default:
      TORCH_CHECK(false, "no kernel for ", x.scalar_type());
  }
}

void check(int error) { TORCH_CHECK(error == 0, "CUDA error: ", error_text(error)); }

void* stream_of(const at::Tensor& x) { return c10::cuda::getCurrentCUDAStream(x.device().index()).stream(); }

}  // namespace

void add_and_normalise(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight,
                       const at::Tensor& bias, double eps, const at::Tensor& out) {
  const c10::cuda::CUDAGuard guard(x.device());
  const std::int64_t width = x.size(-1);
  check(launch_add_and_normalise(type_of(x), x.data_ptr(), y.data_ptr(), weight.data_ptr(), bias.data_ptr(),
                                 static_cast<float>(eps), out.data_ptr(), x.numel() / width, width,
                                 stream_of(x)));
}

void quick_gelu_(const at::Tensor& x) {
  const c10::cuda::CUDAGuard guard(x.device());
  check(launch_quick_gelu(type_of(x), x.data_ptr(), x.numel(), stream_of(x)));
}

}  // namespace bteval::model::cuda
