#include "engine/machine_rates.h"

#include <gtest/gtest.h>

#include <set>

#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

TEST(MemoryPeak, IsARate) { EXPECT_GT(measure_memory_peak(at::kCPU, 0.01), 1e8); }

TEST(MatrixRates, AreThoseOfDenseAndPackedProducts) {
  const std::vector<MatrixRate> rates = measure_matrix_rates(at::kCPU, DataType::kFloat32, 0.01);
  std::set<std::string> names;
  for (const MatrixRate& rate : rates) {
    EXPECT_GT(rate.sustained, 1e8) << rate.product;
    EXPECT_GE(rate.highest, rate.sustained * (1 - 1e-12)) << rate.product;
    names.insert(rate.product);
  }
  EXPECT_EQ(names.size(), rates.size());
  EXPECT_EQ(names.count("2308x768x3072 dense"), 1U);
  const bool packs = model::pack_matrix(at::ones({16, 16}), {}) != nullptr;
  EXPECT_EQ(names.count("2308x768x3072 packed"), packs ? 1U : 0U);
}

TEST(MatrixRates, CountTheProcessorsSecondsOnRequest) {
  const double before = read_clock(StageClock::kProcessor);
  EXPECT_GT(measure_matrix_rates(at::kCPU, DataType::kFloat32, 0.01, StageClock::kProcessor).at(0).sustained,
            1e7);
  EXPECT_GT(read_clock(StageClock::kProcessor), before);
}

}  // namespace
}  // namespace bteval::engine
