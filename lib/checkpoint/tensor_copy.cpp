#include "checkpoint/tensor_copy.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/checked.h"

namespace bteval::checkpoint {
namespace {

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  // Zero or subnormal: mantissa * 2^-24 is exact in float32.
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (magnitude >= 0x477FF000U)
    return static_cast<std::uint16_t>(sign | 0x7C00U);  // 65520 and more round to infinity
  if (magnitude < 0x38800000U) {
    // Below 2^-14 the result is subnormal. Adding 0.5 puts the unit of float32 at 2^-24, the unit of
    // float16's subnormals, so the addition itself rounds to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000U + 0xFFFU + odd) >> 13));
}

float bfloat16_to_float(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

std::uint16_t float_to_bfloat16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float load_as_float(DType dtype, const std::byte* from) {
  switch (dtype) {
    case DType::kFloat64:
      return static_cast<float>(load<double>(from));
    case DType::kFloat32:
      return load<float>(from);
    case DType::kFloat16:
      return half_to_float(load<std::uint16_t>(from));
    case DType::kBFloat16:
      return bfloat16_to_float(load<std::uint16_t>(from));
    default:
      throw Error(ErrorCode::kCheckpoint, fmt::format("{} is not a floating dtype", dtype_name(dtype)));
  }
}

template <typename T>
void store(T value, std::byte* to) {
  std::memcpy(to, &value, sizeof value);
}

void store_float(DType dtype, float value, std::byte* to) {
  switch (dtype) {
    case DType::kFloat64:
      return store(static_cast<double>(value), to);
    case DType::kFloat32:
      return store(value, to);
    case DType::kFloat16:
      return store(float_to_half(value), to);
    case DType::kBFloat16:
      return store(float_to_bfloat16(value), to);
    default:
      throw Error(ErrorCode::kCheckpoint, fmt::format("{} is not a floating dtype", dtype_name(dtype)));
  }
}

}  // namespace

ElementCopier::ElementCopier(const TensorView& view)
    : view_(view),
      element_size_(dtype_size(view.dtype)),
      remaining_(static_cast<std::size_t>(view.numel())),
      contiguous_(view.is_contiguous()),
      position_(view.data),
      index_(view.shape.size(), 0) {}

std::size_t ElementCopier::next(std::span<std::byte> out) {
  const std::size_t count = std::min(remaining_, out.size() / element_size_);
  remaining_ -= count;
  if (contiguous_) {
    if (count > 0) std::memcpy(out.data(), position_, count * element_size_);
    position_ += count * element_size_;
    return count;
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(out.data() + i * element_size_, position_, element_size_);
    for (std::size_t axis = index_.size(); axis-- > 0;) {
      const auto stride = view_.strides[axis] * static_cast<std::int64_t>(element_size_);
      if (++index_[axis] < view_.shape[axis]) {
        position_ += stride;
        break;
      }
      position_ -= stride * (view_.shape[axis] - 1);
      index_[axis] = 0;
    }
  }
  return count;
}

std::vector<std::byte> contiguous_bytes(const TensorView& view) {
  const auto size = checked_mul(static_cast<std::size_t>(view.numel()), dtype_size(view.dtype),
                                "the tensor's size", ErrorCode::kCheckpoint);
  std::vector<std::byte> bytes(size);
  ElementCopier(view).next(bytes);
  return bytes;
}

void convert_floats(DType from, const std::byte* in, DType to, std::byte* out, std::size_t count) {
  const std::size_t in_size = dtype_size(from);
  const std::size_t out_size = dtype_size(to);
  if (from == to) {
    if (count > 0) std::memcpy(out, in, count * in_size);
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    store_float(to, load_as_float(from, in + i * in_size), out + i * out_size);
}

std::vector<float> float32_values(const TensorView& view) {
  const std::vector<std::byte> bytes = contiguous_bytes(view);
  std::vector<float> values(bytes.size() / dtype_size(view.dtype));
  convert_floats(view.dtype, bytes.data(), DType::kFloat32, reinterpret_cast<std::byte*>(values.data()),
                 values.size());
  return values;
}

}  // namespace bteval::checkpoint
