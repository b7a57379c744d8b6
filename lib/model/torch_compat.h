// Everything that differs between the LibTorch versions that bteval builds with (1.13.1 to 2.13) or between
// their CPU libraries: matrix products through oneDNN, attention, and what an error of LibTorch means.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/error.h"

namespace bteval::model {

/// What a matrix product applies to its result where the library can do it in the same pass.
enum class Activation { kNone, kGelu, kSilu };

/// A weight matrix laid out for oneDNN.
///
/// On CPUs this is the fast path for whichever BLAS LibTorch was built with: oneDNN picks its kernels by the
/// processor's features, where MKL holds back on other makers' processors, Debian's OpenBLAS mistakes new
/// ones for a Prescott and the reference BLAS does not try.
class PackedMatrix {
 public:
  virtual ~PackedMatrix() = default;
  /// [..., K] to [..., N], bias and activation included.
  virtual at::Tensor product(const at::Tensor& x, const at::Tensor& bias, Activation activation) const = 0;
};

/// Packs `weight` [N, K] (dense, float32 or bfloat16, on the CPU); null where this LibTorch or processor
/// cannot.
std::unique_ptr<const PackedMatrix> pack_matrix(const at::Tensor& weight, const at::Tensor& bias);

/// softmax(q kᵀ / √D + mask) v. q [B, N, S, D], k and v [B, N, T, D], any strides with dense rows; mask
/// broadcasts to [B, N, S, T] or is undefined; the result is [B, S, N * D]. `fused`: without [S, T] matrices
/// in memory, where this LibTorch can.
at::Tensor scaled_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& mask, bool fused);

/// Whether this LibTorch computes in `dtype` on `device`; the reason where it does not.
std::optional<std::string> unsupported_dtype(at::Device device, at::ScalarType dtype);

/// Calls body(begin, end) for ranges that make up 0..count-1, each of at least `grain`, on LibTorch's threads
/// (at::get_num_threads()). at::parallel_for, a template, does so only in files compiled for the OpenMP
/// library that LibTorch itself brings along, and else takes the caller's thread without a word.
void parallel_ranges(std::int64_t count, std::int64_t grain,
                     const std::function<void(std::int64_t begin, std::int64_t end)>& body);

/// Switches everything in the process to reproducible algorithms. LibTorch from 2.1 on then fills every new
/// tensor with NaN, one more pass over all memory of activations, which helps only where something is read
/// that nobody has written: left out where it can be (2.2 on) unless `fill_new_tensors`, with which tests
/// show that nothing is.
void choose_reproducible_algorithms(bool fill_new_tensors = false);

/// Keeps freed buffers of the size of activations in the process instead of returning them to the system
/// after every layer, which costs a page fault per 4 KiB. Process-wide, harmless to repeat.
void keep_large_buffers();
/// The system allocator's own limits again.
void return_large_buffers();

/// Makes the first call of tanh, the one function of Intel's vector mathematics that the model uses, on one
/// thread. Up to oneMKL 2024.2 a first call from several threads at once may compute one thread's part with
/// the variant of low accuracy, 5e-5 off, and every later call does not (pytorch/pytorch issue 188792): the
/// first batch of a process would have other bits now and then. Harmless to repeat.
void settle_vector_mathematics();

/// Memory of a device, or of the host, that did not suffice; code kDevice.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(const std::string& message) : Error(ErrorCode::kDevice, message) {}
};

/// Gives memory that LibTorch keeps for later tensors back to a GPU; nothing on a CPU.
void release_cached_memory(const at::Device& device);

/// Bytes that a GPU has free, what LibTorch keeps for later included; nothing where that is not known: on a
/// CPU, and with a LibTorch before 2.11.
std::optional<std::uint64_t> free_memory(const at::Device& device);

/// Turns an exception of LibTorch into an Error: OutOfMemory, kDevice for other failures of a device, else
/// kInternal.
[[noreturn]] void rethrow_torch_error(const c10::Error& error);

/// Runs `body` without autograd and with LibTorch's exceptions translated.
template <typename Body>
auto run_inference(Body&& body) {
  const c10::InferenceMode guard;
  try {
    return body();
  } catch (const c10::Error& error) {
    rethrow_torch_error(error);
  }
}

}  // namespace bteval::model
