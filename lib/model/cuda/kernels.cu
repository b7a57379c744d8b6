#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <type_traits>

#include "model/cuda/launch.h"

namespace bteval::model::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffU;

__device__ float load(float value) { return value; }
__device__ float load(__nv_bfloat16 value) { return __bfloat162float(value); }
__device__ float load(__half value) { return __half2float(value); }
__device__ void store(float& to, float value) { to = value; }
__device__ void store(__nv_bfloat16& to, float value) { to = __float2bfloat16(value); }
__device__ void store(__half& to, float value) { to = __float2half(value); }

/// The sum of every thread's value, for every thread of the block.
__device__ float block_sum(float value) {
  __shared__ float of_warp[kThreads / kWarp];
  for (int offset = kWarp / 2; offset > 0; offset /= 2) value += __shfl_down_sync(kAllLanes, value, offset);
  __syncthreads();  // a former call's values have been read
  if (threadIdx.x % kWarp == 0) of_warp[threadIdx.x / kWarp] = value;
  __syncthreads();
  float sum = 0;
  for (int warp = 0; warp < kThreads / kWarp; ++warp) sum += of_warp[warp];
  return sum;
}

/// A block a row. The row stays in shared memory: global memory sees each value once.
template <typename T>
__global__ void add_and_normalise_rows(T* x, const T* y, const T* weight, const T* bias, float eps, T* out,
                                       int width) {
  extern __shared__ float row[];
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * width;
  float sum = 0;
  for (int i = threadIdx.x; i < width; i += kThreads) {
    T rounded;
    store(rounded, load(x[first + i]) + load(y[first + i]));
    x[first + i] = rounded;
    row[i] = load(rounded);
    sum += row[i];
  }
  const float mean = block_sum(sum) / static_cast<float>(width);
  float squares = 0;
  for (int i = threadIdx.x; i < width; i += kThreads) squares += (row[i] - mean) * (row[i] - mean);
  const float factor = rsqrtf(block_sum(squares) / static_cast<float>(width) + eps);
  for (int i = threadIdx.x; i < width; i += kThreads)
    store(out[first + i], (row[i] - mean) * factor * load(weight[i]) + load(bias[i]));
}

template <typename T>
__global__ void quick_gelu_values(T* x, std::int64_t count) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += step) {
    const float value = load(x[i]);
    store(x[i], value / (1.0F + expf(-1.702F * value)));
  }
}

/// Calls `launch` with a null pointer of the type that `type` names.
template <typename Launch>
int with_type(Type type, const Launch& launch) {
  if (type == Type::kFloat) launch(static_cast<float*>(nullptr));
  if (type == Type::kBFloat16) launch(static_cast<__nv_bfloat16*>(nullptr));
  if (type == Type::kHalf) launch(static_cast<__half*>(nullptr));
  return static_cast<int>(cudaGetLastError());
}

}  // namespace

int launch_add_and_normalise(Type type, void* x, const void* y, const void* weight, const void* bias,
                             float eps, void* out, std::int64_t rows, std::int64_t width, void* stream) {
  return with_type(type, [&](auto* named) {
    using T = std::remove_pointer_t<decltype(named)>;
    const auto shared = static_cast<unsigned>(width * sizeof(float));
    add_and_normalise_rows<T>
        <<<static_cast<unsigned>(rows), kThreads, shared, static_cast<cudaStream_t>(stream)>>>(
            static_cast<T*>(x), static_cast<const T*>(y), static_cast<const T*>(weight),
            static_cast<const T*>(bias), eps, static_cast<T*>(out), static_cast<int>(width));
  });
}

int launch_quick_gelu(Type type, void* x, std::int64_t count, void* stream) {
  constexpr std::int64_t kMostBlocks = 65535;
  const std::int64_t blocks = (count + kThreads - 1) / kThreads;
  return with_type(type, [&](auto* named) {
    using T = std::remove_pointer_t<decltype(named)>;
    quick_gelu_values<T><<<static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks), kThreads, 0,
                           static_cast<cudaStream_t>(stream)>>>(static_cast<T*>(x), count);
  });
}

const char* error_text(int error) { return cudaGetErrorString(static_cast<cudaError_t>(error)); }

}  // namespace bteval::model::cuda
