#include "checkpoint/tensor_copy.h"

#include <gmock/gmock.h>

#include <cstring>

#include "checkpoint/safetensors.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"

namespace bteval::checkpoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> converted(const TensorView& view, DType dtype) {
  const std::vector<std::byte> in = contiguous_bytes(view);
  const auto count = static_cast<std::size_t>(view.numel());
  std::vector<std::byte> out(count * dtype_size(dtype));
  convert_floats(view.dtype, in.data(), dtype, out.data(), count);
  return out;
}

/// Expected values by PyTorch, around every rounding decision; compares bit by bit and names the first
/// difference.
void expect_converts_to(const char* from, const char* to) {
  const auto file =
      read_safetensors(Bytes::map_file(bteval::testing::golden_data("checkpoint/rounding.safetensors")));
  const TensorView& source = file.tensors.at(from);
  const TensorView& target = file.tensors.at(to);
  const std::vector<std::byte> actual = converted(source, target.dtype);
  const std::size_t size = dtype_size(target.dtype);
  ASSERT_GT(source.numel(), 2000);
  for (std::size_t i = 0; i < actual.size() / size; ++i) {
    ASSERT_EQ(std::memcmp(actual.data() + i * size, target.data + i * size, size), 0)
        << from << " to " << to << ", element " << i;
  }
}

TEST(ConvertFloats, EqualsPyTorchBitByBit) {
  expect_converts_to("f32", "f16");
  expect_converts_to("f32", "bf16");
  expect_converts_to("f16", "f32_of_f16");
  expect_converts_to("bf16", "f32_of_bf16");
}

TEST(ConvertFloats, NanStaysNan) {
  const TensorView nan = tensor_of<std::uint32_t>(DType::kFloat32, {2}, {0x7F800001U, 0xFFFFFFFFU});
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat64}) {
    const std::vector<std::byte> out = converted(nan, dtype);
    std::vector<std::byte> back(8);
    convert_floats(dtype, out.data(), DType::kFloat32, back.data(), 2);
    float values[2];
    std::memcpy(values, back.data(), sizeof values);
    EXPECT_NE(values[0], values[0]) << dtype_name(dtype);
    EXPECT_NE(values[1], values[1]) << dtype_name(dtype);
  }
}

TEST(ConvertFloats, IntegersAreNoFloats) {
  const TensorView ids = tensor_of<std::int64_t>(DType::kInt64, {2}, {1, 2});
  EXPECT_THAT(error_of([&] { float32_values(ids); }), HasSubstr("I64 is not a floating dtype"));
}

TEST(ElementCopier, WalksStridedViewsInRowMajorOrderInAnyPieces) {
  TensorView view = tensor_of<std::int16_t>(DType::kInt16, {3, 2}, {0, 1, 2, 3, 4, 5});
  view.shape = {2, 3};
  view.strides = {1, 2};  // the transpose
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{100}}) {
    ElementCopier copier(view);
    std::vector<std::int16_t> values;
    std::vector<std::byte> buffer(piece * 2 + 1);
    while (const std::size_t count = copier.next(buffer)) {
      for (std::size_t i = 0; i < count; ++i) {
        std::int16_t value;
        std::memcpy(&value, buffer.data() + 2 * i, 2);
        values.push_back(value);
      }
    }
    EXPECT_THAT(values, ElementsAre(0, 2, 4, 1, 3, 5)) << "pieces of " << piece;
  }
}

TEST(ElementCopier, RepeatsExpandedElements) {
  TensorView view = tensor_of<float>(DType::kFloat32, {1}, {2.5F});
  view.shape = {2, 2};
  view.strides = {0, 0};
  EXPECT_THAT(float32_values(view), ElementsAre(2.5F, 2.5F, 2.5F, 2.5F));
}

}  // namespace
}  // namespace bteval::checkpoint
