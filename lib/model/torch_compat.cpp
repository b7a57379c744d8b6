#include "model/torch_compat.h"

#include <ATen/TensorIterator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <malloc.h>

// LibTorch's interface to any device's allocator came with version 2.9, its memory information with 2.11;
// before, both need CUDA's own headers.
#define BTEVAL_HAS_DEVICE_ALLOCATOR \
  (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 11))
#if BTEVAL_HAS_DEVICE_ALLOCATOR
#include <c10/core/CachingDeviceAllocator.h>
#endif

#include <cmath>
#include <string>

namespace bteval::model {
namespace {

/// A template, so that it compiles where at::Context cannot be told.
template <typename Context>
void set_filling(Context& context, bool fill) {
  if constexpr (requires { context.setDeterministicFillUninitializedMemory(fill); })
    context.setDeterministicFillUninitializedMemory(fill);
}

// Operators that oneDNN builds of LibTorch register by name only; found at run time, so that builds without
// them work.
auto find_operator(const char* name) { return c10::Dispatcher::singleton().findSchema({name, ""}); }

#if TORCH_VERSION_MAJOR >= 2
at::Tensor call(const c10::OperatorHandle& op, std::vector<c10::IValue> arguments) {
  op.callBoxed(&arguments);
  return arguments.at(0).toTensor();
}

// LibTorch 2: a linear layer with pre-arranged weights, bias and activation in one pass.
class PointwiseMatrix final : public PackedMatrix {
 public:
  PointwiseMatrix(const c10::OperatorHandle& reorder, const c10::OperatorHandle& linear,
                  const at::Tensor& weight)
      : linear_(linear), packed_(call(reorder, {weight, c10::IValue()})) {}

  at::Tensor product(const at::Tensor& x, const at::Tensor& bias, Activation activation) const override {
    const char* name = activation == Activation::kGelu   ? "gelu"
                       : activation == Activation::kSilu ? "swish"
                                                         : "none";
    const c10::List<std::optional<at::Scalar>> no_scalars;
    return call(linear_, {x, packed_, bias.defined() ? c10::IValue(bias) : c10::IValue(), name, no_scalars,
                          activation == Activation::kGelu ? c10::IValue("none") : c10::IValue("")});
  }

 private:
  c10::OperatorHandle linear_;
  at::Tensor packed_;
};

#else
void activate(at::Tensor& y, Activation activation) {
  if (activation == Activation::kGelu) at::gelu_(y);
  if (activation == Activation::kSilu) at::silu_(y);
}

// LibTorch 1.13: the only operator with pre-arranged weights and dense inputs is a convolution. A 1x1
// convolution over channels-last rows is the same product on the same memory.
class ConvolutionMatrix final : public PackedMatrix {
 public:
  ConvolutionMatrix(const c10::OperatorHandle& pack, const c10::OperatorHandle& run, const at::Tensor& weight,
                    const at::Tensor& bias)
      : run_(run), columns_(weight.size(1)), rows_(weight.size(0)) {
    const at::Tensor kernel = weight.as_strided({rows_, columns_, 1, 1}, {columns_, 1, columns_, columns_});
    std::vector<c10::IValue> stack{kernel,
                                   bias.defined() ? c10::IValue(bias) : c10::IValue(),
                                   std::vector<std::int64_t>{1, 1},
                                   std::vector<std::int64_t>{0, 0},
                                   std::vector<std::int64_t>{1, 1},
                                   std::int64_t{1},
                                   std::vector<std::int64_t>{1, columns_, 1024, 1},
                                   "none"};
    pack.callBoxed(&stack);
    context_ = stack.at(0);
  }

  at::Tensor product(const at::Tensor& x, const at::Tensor&, Activation activation) const override {
    const at::Tensor flat = x.contiguous();
    const std::int64_t count = flat.numel() / columns_;
    const at::Tensor image =
        flat.as_strided({1, columns_, count, 1}, {count * columns_, 1, columns_, columns_});
    std::vector<c10::IValue> stack{image, context_};
    run_.callBoxed(&stack);
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = rows_;
    const at::Tensor output = stack.at(0).toTensor().contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor y = output.as_strided({count, rows_}, {rows_, 1}).view(shape);
    activate(y, activation);
    return y;
  }

 private:
  c10::OperatorHandle run_;
  c10::IValue context_;
  std::int64_t columns_, rows_;
};
#endif

}  // namespace

std::unique_ptr<const PackedMatrix> pack_matrix(const at::Tensor& weight,
                                                [[maybe_unused]] const at::Tensor& bias) {
  if (!weight.device().is_cpu() || !at::hasMKLDNN()) return nullptr;
  if (weight.scalar_type() != at::kFloat && weight.scalar_type() != at::kBFloat16) return nullptr;
  try {
#if TORCH_VERSION_MAJOR >= 2
    const auto reorder = find_operator("mkldnn::_reorder_linear_weight");
    const auto linear = find_operator("mkldnn::_linear_pointwise");
    if (reorder && linear) return std::make_unique<PointwiseMatrix>(*reorder, *linear, weight.contiguous());
#else
    const auto pack = find_operator("mkldnn_prepacked::conv2d_prepack");
    const auto run = find_operator("mkldnn_prepacked::conv2d_run");
    if (pack && run && weight.scalar_type() == at::kFloat && weight.size(1) > 1) {
      return std::make_unique<ConvolutionMatrix>(*pack, *run, weight.contiguous(), bias);
    }
#endif
  } catch (const c10::Error&) {
    // A processor or build without these kernels: the plain product works everywhere.
  }
  return nullptr;
}

at::Tensor scaled_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& mask, [[maybe_unused]] bool fused) {
  const auto join_heads = [&](const at::Tensor& out) {
    return out.transpose(1, 2).reshape({q.size(0), q.size(2), q.size(1) * q.size(3)});
  };
#if TORCH_VERSION_MAJOR >= 2
  if (fused) {
    return join_heads(at::scaled_dot_product_attention(
        q, k, v, mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt));
  }
#endif
  at::Tensor scores = at::matmul(q * (1.0 / std::sqrt(static_cast<double>(q.size(-1)))), k.transpose(-2, -1));
  if (mask.defined()) scores.add_(mask);
  return join_heads(at::matmul(at::softmax(scores, -1), v));
}

void parallel_ranges(std::int64_t count, std::int64_t grain,
                     const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  // An operation over the numbers themselves: the iterator, inside LibTorch, hands runs of them to its
  // threads.
  const at::Tensor numbers = at::arange(count, at::kLong);
  at::TensorIterator iterator = at::TensorIterator::borrowing_nullary_op(numbers);
  iterator.for_each(
      [&body](char** data, const std::int64_t*, std::int64_t size) {
        const std::int64_t begin = *reinterpret_cast<const std::int64_t*>(data[0]);
        body(begin, begin + size);
      },
      grain);
}

std::optional<std::string> unsupported_dtype(at::Device device, at::ScalarType dtype) {
#if TORCH_VERSION_MAJOR < 2
  if (device.is_cpu() && dtype == at::kHalf) {
    return "LibTorch " TORCH_VERSION " has no half-precision arithmetic on CPUs; choose fp32 or bf16";
  }
#endif
  static_cast<void>(device);
  static_cast<void>(dtype);
  return std::nullopt;
}

void settle_vector_mathematics() {
  static const bool settled = [] {  // once, and others wait for it
    at::zeros({64}).tanh_();
    return true;
  }();
  static_cast<void>(settled);
}

void choose_reproducible_algorithms(bool fill_new_tensors) {
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
  context.setBenchmarkCuDNN(false);
  set_filling(context, fill_new_tensors);
}

void keep_large_buffers() {
#if defined(__GLIBC__)
  // Both values switch off glibc's own adaptation, whose ceiling of 32 MiB is below one activation of a
  // batch.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

void return_large_buffers() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 65536);
  mallopt(M_TRIM_THRESHOLD, 128 << 10);
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

#if BTEVAL_HAS_DEVICE_ALLOCATOR
void release_cached_memory(const at::Device& device) {
  if (device.is_cuda()) c10::getDeviceAllocator(device.type())->emptyCache();
}

std::optional<std::uint64_t> free_memory(const at::Device& device) {
  if (!device.is_cuda()) return std::nullopt;
  return c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index()).first;
}
#else
void release_cached_memory(const at::Device&) {}
std::optional<std::uint64_t> free_memory(const at::Device&) { return std::nullopt; }
#endif

void rethrow_torch_error(const c10::Error& error) {
  const std::string what = error.what_without_backtrace();
  const std::string line = what.substr(0, what.find('\n'));
  const auto mentions = [&](const char* part) { return what.find(part) != std::string::npos; };
  if (mentions("out of memory") || mentions("can't allocate memory") || mentions("not enough memory")) {
    throw OutOfMemory("not enough memory: " + printable(line, 400));
  }
  if (mentions("CUDA error") || mentions("CUDA driver") || mentions("cuDNN") ||
      mentions("not compiled with CUDA") || mentions("Cannot initialize CUDA")) {
    throw Error(ErrorCode::kDevice, printable(line, 400));
  }
  throw Error(ErrorCode::kInternal, "LibTorch: " + printable(line, 400));
}

}  // namespace bteval::model
