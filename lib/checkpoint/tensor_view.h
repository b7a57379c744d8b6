// A named tensor inside a checkpoint file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace bteval::checkpoint {

enum class DType { kFloat64, kFloat32, kFloat16, kBFloat16, kInt64, kInt32, kInt16, kInt8, kUInt8, kBool };

/// "F32", "BF16", "I64", ...: the names that safetensors uses.
const char* dtype_name(DType dtype);
std::size_t dtype_size(DType dtype);

/// A view of a tensor's bytes; keeps the file mapped. Little-endian, as both file formats are.
struct TensorView {
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements; row-major unless a pickle says otherwise
  const std::byte* data = nullptr;    ///< first element; every element that shape and strides reach was bounds-checked
  std::shared_ptr<const Bytes> owner;

  std::int64_t numel() const;
  bool is_contiguous() const;
};

}  // namespace bteval::checkpoint
