// A named tensor inside a checkpoint file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace bteval::checkpoint {

enum class DType { kFloat64, kFloat32, kFloat16, kBFloat16, kInt64, kInt32, kInt16, kInt8, kUInt8, kBool };

/// "F32", "BF16", "I64", ...: the names that safetensors uses.
const char* dtype_name(DType dtype);
/// The dtype of that name; empty where bteval reads no such dtype.
std::optional<DType> dtype_from_name(std::string_view name);
/// Size of an element in bytes.
std::size_t dtype_size(DType dtype);
bool is_floating(DType dtype);

/// Number of elements of a shape, 1 for a scalar. Error(kCheckpoint) where a size is negative or the product
/// overflows.
std::int64_t shape_numel(std::span<const std::int64_t> shape);
/// Row-major strides in elements.
std::vector<std::int64_t> row_major_strides(std::span<const std::int64_t> shape);

/// A view of a tensor's bytes; keeps the file mapped. Little-endian, as both file formats are.
struct TensorView {
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t>
      strides;  ///< in elements, never negative; row-major unless a pickle says otherwise
  const std::byte* data =
      nullptr;  ///< first element; every element that shape and strides reach was bounds-checked.
                ///< May be unaligned for its dtype: read elements with memcpy
  std::shared_ptr<const Bytes> owner;

  std::int64_t numel() const;
  bool is_contiguous() const;
};

}  // namespace bteval::checkpoint
