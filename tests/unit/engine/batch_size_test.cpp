#include "engine/batch_size.h"

#include <gtest/gtest.h>

namespace bteval::engine {
namespace {

constexpr std::uint64_t kGigabyte = 1'000'000'000;

class BatchSize : public ::testing::Test {
 protected:
  BatchSize() {
    options.dtype = DataType::kBFloat16;
    options.transform.size_px = 384;
    config.hidden_size = 768;
    config.ffn_size = 3072;
    config.num_cross_layers = 6;
    config.patch_size = 16;
  }
  EngineOptions options;
  model::ModelConfig config;  // BridgeTower base
};

TEST_F(BatchSize, CountsTheRowsOfAPair) {
  // 24 * 24 patches, the class token and 50 tokens; 6 + 10 rows of the hidden size and one of the inside.
  EXPECT_EQ(bytes_per_pair(config, options), (577U + 50U) * (16U * 768U + 3072U) * 2U);
  const std::uint64_t half = bytes_per_pair(config, options);
  options.dtype = DataType::kFloat32;
  EXPECT_EQ(bytes_per_pair(config, options), 2 * half);
}

TEST_F(BatchSize, GrowsWithTheMemoryInPowersOfTwo) {
  const std::uint64_t weights = kGigabyte;
  EXPECT_EQ(pairs_for_memory(config, options, 80 * kGigabyte, weights), 256U);
  EXPECT_EQ(pairs_for_memory(config, options, 8 * kGigabyte, weights), 128U);
  EXPECT_EQ(pairs_for_memory(config, options, 8 * kGigabyte + kGigabyte / 2, weights), 128U);
  EXPECT_EQ(pairs_for_memory(config, options, 2 * kGigabyte, weights), 16U);
  EXPECT_EQ(pairs_for_memory(config, options, kGigabyte, weights), 1U);
  EXPECT_EQ(pairs_for_memory(config, options, 0, weights), 1U);
}

TEST_F(BatchSize, IsLeftAloneWhereItWasAskedForAndOnCpus) {
  options.device = "cpu";
  choose_pairs_per_batch(config, kGigabyte, options);
  EXPECT_EQ(options.pairs_per_batch, 0U);  // resolve() has a number for CPUs
  options.pairs_per_batch = 7;
  choose_pairs_per_batch(config, kGigabyte, options);
  EXPECT_EQ(options.pairs_per_batch, 7U);
}

}  // namespace
}  // namespace bteval::engine
