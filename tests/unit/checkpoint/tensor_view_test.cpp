#include "checkpoint/tensor_view.h"

#include <gmock/gmock.h>

#include <limits>

#include "unit/checkpoint/support.h"

namespace bteval::checkpoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(DType, NamesAndSizesAreThoseOfSafetensors) {
  const std::pair<DType, std::pair<const char*, std::size_t>> all[] = {
      {DType::kFloat64, {"F64", 8}},   {DType::kFloat32, {"F32", 4}}, {DType::kFloat16, {"F16", 2}},
      {DType::kBFloat16, {"BF16", 2}}, {DType::kInt64, {"I64", 8}},   {DType::kInt32, {"I32", 4}},
      {DType::kInt16, {"I16", 2}},     {DType::kInt8, {"I8", 1}},     {DType::kUInt8, {"U8", 1}},
      {DType::kBool, {"BOOL", 1}}};
  for (const auto& [dtype, expected] : all) {
    EXPECT_STREQ(dtype_name(dtype), expected.first);
    EXPECT_EQ(dtype_size(dtype), expected.second) << expected.first;
    EXPECT_EQ(dtype_from_name(expected.first), dtype);
  }
  EXPECT_EQ(dtype_from_name("F8_E4M3"), std::nullopt);
  EXPECT_EQ(dtype_from_name("f32"), std::nullopt);
}

TEST(Shape, CountsElementsAndRefusesOverflow) {
  const auto numel = [](std::vector<std::int64_t> shape) { return shape_numel(shape); };
  EXPECT_EQ(numel({}), 1);
  EXPECT_EQ(numel({2, 3}), 6);
  EXPECT_EQ(numel({std::int64_t{1} << 40, 0, std::int64_t{1} << 40}), 0);
  EXPECT_THAT(error_of([&] {
                numel({std::int64_t{1} << 40, std::int64_t{1} << 40});
              }),
              HasSubstr("too large"));
  EXPECT_THAT(error_of([&] { numel({2, -1}); }), HasSubstr("negative size -1"));
}

TEST(Shape, RowMajorStridesCountEmptyAxesAsOne) {
  EXPECT_THAT(row_major_strides(std::vector<std::int64_t>{2, 3, 4}), ElementsAre(12, 4, 1));
  EXPECT_THAT(row_major_strides(std::vector<std::int64_t>{2, 0, 4}), ElementsAre(4, 4, 1));
}

TEST(TensorView, ContiguityIgnoresAxesOfOne) {
  TensorView view = tensor_of<float>(DType::kFloat32, {2, 1, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(view.is_contiguous());
  view.strides = {3, 77, 1};
  EXPECT_TRUE(view.is_contiguous());
  view.strides = {1, 1, 2};
  EXPECT_FALSE(view.is_contiguous());
  view.shape = {2, 0, 3};
  EXPECT_TRUE(view.is_contiguous());
}

}  // namespace
}  // namespace bteval::checkpoint
