#include "engine/blas_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bteval::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr CpuFeatures kOld{false, false};
constexpr CpuFeatures kAvx2{true, false};
constexpr CpuFeatures kAvx512{true, true};

TEST(BlasGuard, NamesABetterCoreWhereVectorInstructionsLieIdle) {
  for (const char* core :
       {"Prescott", "Core2", "Nehalem", "Barcelona", "Sandybridge", "generic", "Unknown"}) {
    EXPECT_EQ(better_openblas_core(core, kAvx512), "SkylakeX") << core;
    EXPECT_EQ(better_openblas_core(core, kAvx2), "Haswell") << core;
    EXPECT_EQ(better_openblas_core(core, kOld), std::nullopt) << core;
  }
}

TEST(BlasGuard, LeavesAGoodChoiceAlone) {
  for (const char* core : {"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids"}) {
    EXPECT_EQ(better_openblas_core(core, kAvx512), std::nullopt) << core;
    EXPECT_EQ(better_openblas_core(core, kAvx2), std::nullopt) << core;
  }
}

TEST(BlasGuard, WarnsOfTheReferenceBlasWithTheCure) {
  const Blas blas{BlasKind::kReference, "/usr/lib/blas/libblas.so.3", ""};
  const auto warning = blas_warning(blas, kOld);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(*warning, AllOf(HasSubstr(blas.library), HasSubstr("libopenblas0-pthread")));
}

TEST(BlasGuard, WarnsOfAWrongCoreWithTheCure) {
  const auto warning = blas_warning({BlasKind::kOpenBlas, "/usr/lib/libblas.so.3", "Prescott"}, kAvx2);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(*warning, AllOf(HasSubstr("Prescott"), HasSubstr("OPENBLAS_CORETYPE=Haswell")));
}

TEST(BlasGuard, IsSilentOtherwise) {
  EXPECT_EQ(blas_warning({BlasKind::kBuiltIn, "", ""}, kAvx512), std::nullopt);
  EXPECT_EQ(blas_warning({BlasKind::kOther, "/usr/lib/libblis.so.4", ""}, kAvx512), std::nullopt);
  EXPECT_EQ(blas_warning({BlasKind::kOpenBlas, "/usr/lib/libblas.so.3", "Zen"}, kAvx512), std::nullopt);
}

TEST(BlasGuard, DescribesThisProcess) {
  const Blas blas = find_blas();
  EXPECT_EQ(blas.library.empty(), blas.kind == BlasKind::kBuiltIn);
  EXPECT_EQ(blas.core.empty(), blas.kind != BlasKind::kOpenBlas);
}

TEST(BlasGuard, OffersNoInstructionsThatTheProcessorLacks) {
  const CpuFeatures features = find_cpu_features();
  EXPECT_TRUE(!features.avx512 || features.avx2_fma);
}

}  // namespace
}  // namespace bteval::engine
