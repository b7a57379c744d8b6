#include "checkpoint/tensor_view.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/checked.h"

namespace bteval::checkpoint {
namespace {

struct DTypeInfo {
  DType dtype;
  const char* name;
  std::size_t size;
};

constexpr std::array<DTypeInfo, 10> kDTypes = {{
    {DType::kFloat64, "F64", 8},
    {DType::kFloat32, "F32", 4},
    {DType::kFloat16, "F16", 2},
    {DType::kBFloat16, "BF16", 2},
    {DType::kInt64, "I64", 8},
    {DType::kInt32, "I32", 4},
    {DType::kInt16, "I16", 2},
    {DType::kInt8, "I8", 1},
    {DType::kUInt8, "U8", 1},
    {DType::kBool, "BOOL", 1},
}};

const DTypeInfo& info(DType dtype) {
  const auto* found = std::ranges::find(kDTypes, dtype, &DTypeInfo::dtype);
  if (found == kDTypes.end()) throw Error(ErrorCode::kInternal, "a dtype without a name");
  return *found;
}

}  // namespace

const char* dtype_name(DType dtype) { return info(dtype).name; }

std::size_t dtype_size(DType dtype) { return info(dtype).size; }

std::optional<DType> dtype_from_name(std::string_view name) {
  const auto* found = std::ranges::find_if(kDTypes, [&](const DTypeInfo& i) { return name == i.name; });
  if (found == kDTypes.end()) return std::nullopt;
  return found->dtype;
}

bool is_floating(DType dtype) {
  return dtype == DType::kFloat64 || dtype == DType::kFloat32 || dtype == DType::kFloat16 ||
         dtype == DType::kBFloat16;
}

std::int64_t shape_numel(std::span<const std::int64_t> shape) {
  std::int64_t numel = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0)
      throw Error(ErrorCode::kCheckpoint, fmt::format("the shape has the negative size {}", size));
    empty = empty || size == 0;
  }
  if (empty) return 0;
  for (const std::int64_t size : shape) {
    numel = checked_mul(numel, size, "the number of elements", ErrorCode::kCheckpoint);
  }
  return numel;
}

std::vector<std::int64_t> row_major_strides(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    // Sizes of zero would make every outer stride zero; PyTorch counts them as one here.
    stride = checked_mul(stride, std::max<std::int64_t>(shape[i], 1), "a stride", ErrorCode::kCheckpoint);
  }
  return strides;
}

std::int64_t TensorView::numel() const { return shape_numel(shape); }

bool TensorView::is_contiguous() const {
  std::int64_t expected = 1;
  if (numel() == 0) return true;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

}  // namespace bteval::checkpoint
