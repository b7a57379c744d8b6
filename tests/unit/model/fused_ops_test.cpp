#include "model/fused_ops.h"

#include <gtest/gtest.h>

#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using testing::max_difference;

at::Tensor wave(double step, double scale, at::ScalarType type) {
  return at::sin(at::arange(6 * 24, at::kFloat) * step).mul_(scale).view({2, 3, 24}).to(type);
}

class FusedOperations : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(FusedOperations, AddAndNormaliseAsOneAfterTheOther) {
  const LayerNorm norm{wave(0.3, 1, GetParam()).select(0, 0).select(0, 1),
                       wave(0.8, 1, GetParam()).select(0, 1).select(0, 2), 1e-5};
  at::Tensor x = wave(1.1, 3, GetParam());
  const at::Tensor y = wave(0.7, 2, GetParam()), sum = x + y;
  const at::Tensor normed = add_and_normalise(x, y, norm);
  EXPECT_TRUE(at::equal(x, sum)) << "the sum takes the place of x";
  EXPECT_TRUE(at::equal(normed, norm(sum))) << "on a CPU the same operations, and so the same bits";
  if (GetParam() != at::kFloat) return;  // how often LibTorch rounds to 16 bits differs by its version
  // LayerNorm by its definition, in double.
  const at::Tensor wide = sum.to(at::kDouble), centred = wide - wide.mean(-1, true);
  const at::Tensor expected =
      centred / (centred.square().mean(-1, true) + 1e-5).sqrt() * norm.weight + norm.bias;
  EXPECT_LT(max_difference(normed.to(at::kDouble), expected), 1e-6);
}

TEST_P(FusedOperations, QuickGeluByItsDefinition) {
  at::Tensor x = wave(2.3, 6, GetParam());
  const at::Tensor wide = x.to(at::kDouble), expected = wide / (1 + at::exp(-1.702 * wide));
  quick_gelu_(x);
  EXPECT_LT(max_difference(x.to(at::kDouble), expected), GetParam() == at::kFloat ? 1e-6 : 3.2e-2);
}

TEST_P(FusedOperations, OnGpusAgreeWithLibTorchs) {
  if (!has_fused_kernels() || !at::hasCUDA()) GTEST_SKIP() << "needs a GPU and a build with kernels for it";
  for (const std::int64_t width : {24, 768, 1024, 1001})
    EXPECT_TRUE(check_fused_kernels(at::kCUDA, GetParam(), width)) << width;
  EXPECT_TRUE(uses_fused_kernels());
}

INSTANTIATE_TEST_SUITE_P(Types, FusedOperations, ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& type) { return std::string(c10::toString(type.param)); });

TEST(FusedOperationsOnCpus, NeedNoCheck) { EXPECT_TRUE(check_fused_kernels(at::kCPU, at::kFloat, 768)); }

}  // namespace
}  // namespace bteval::model
