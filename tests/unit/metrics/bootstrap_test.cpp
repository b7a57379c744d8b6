#include "metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "metrics/random_bits.h"
#include "support/error_text.h"

namespace bteval::metrics {
namespace {

/// `clusters` clusters of `size` equal samples, each cluster right or wrong.
struct Alike {
  Alike(std::uint32_t clusters, std::uint32_t size) {
    RandomBits random(7, 0);
    for (std::uint32_t g = 0; g < clusters; ++g) {
      const double value = random.next() % 10 < 7 ? 1 : 0;
      for (std::uint32_t i = 0; i < size; ++i) {
        values.push_back(value);
        cluster.push_back(g);
        alone.push_back(static_cast<std::uint32_t>(alone.size()));
      }
    }
    clustered = sum_by_cluster(values, cluster, clusters);
    unclustered = sum_by_cluster(values, alone, alone.size());
  }
  std::vector<double> values;
  std::vector<std::uint32_t> cluster, alone;
  ClusterSums clustered, unclustered;
};

TEST(Bootstrap, ClusteringWidensIntervalsOfAlikeSamples) {
  const Alike data(200, 4);
  ResamplingOptions options;
  options.resamples = 4000;
  const MeanInterval with = bootstrap_mean(data.clustered, options);
  const MeanInterval without = bootstrap_mean(data.unclustered, options);
  EXPECT_EQ(with.mean, without.mean);
  // Four equal samples say as much as one: the interval is sqrt(4) times as wide.
  const double widening =
      (with.interval.high - with.interval.low) / (without.interval.high - without.interval.low);
  EXPECT_NEAR(widening, 2, 0.1);
  EXPECT_NEAR(with.standard_error / without.standard_error, 2, 0.01);
  EXPECT_LT(with.interval.low, with.mean);
  EXPECT_GT(with.interval.high, with.mean);
}

TEST(Bootstrap, AgreesWithTheNormalApproximation) {
  const Alike data(2000, 1);
  const MeanInterval result = bootstrap_mean(data.clustered, {});
  EXPECT_NEAR(result.interval.low, result.mean - 1.96 * result.standard_error, 0.1 * result.standard_error);
  EXPECT_NEAR(result.interval.high, result.mean + 1.96 * result.standard_error, 0.1 * result.standard_error);
  const double p = result.mean;
  EXPECT_NEAR(result.standard_error, std::sqrt(p * (1 - p) / 1999), 1e-12);
}

TEST(Bootstrap, DoesNotDependOnTheNumberOfThreadsButOnTheSeed) {
  const Alike data(100, 3);
  ResamplingOptions one{500, 1, 1}, three{500, 1, 3}, other{500, 2, 1};
  const std::array columns = {data.clustered};
  EXPECT_EQ(bootstrap_means(columns, one), bootstrap_means(columns, three));
  EXPECT_NE(bootstrap_means(columns, one), bootstrap_means(columns, other));
}

TEST(Bootstrap, FewerResamplesAreTheFirstOnes) {
  const Alike data(50, 1);
  const std::array columns = {data.clustered};
  const auto few = bootstrap_means(columns, {10, 1, 1})[0], many = bootstrap_means(columns, {20, 1, 1})[0];
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(Bootstrap, ColumnsAreDrawnTogether) {
  ClusterSums a{{0.5, 1, 0.25, 0}, {1, 2, 1, 3}}, b = a;
  for (double& sum : b.sums) sum += 0.125;
  b.counts = a.counts = {1, 1, 1, 1};
  const std::array columns = {a, b};
  const auto means = bootstrap_means(columns, {300, 5, 2});
  for (std::size_t i = 0; i < 300; ++i) ASSERT_DOUBLE_EQ(means[1][i] - means[0][i], 0.125);
}

TEST(Bootstrap, MeansOfUnequalClustersAreSumsOverCounts) {
  // Either of two clusters, drawn twice: (0 + 0) / 2, (0 + 3) / 4 or (3 + 3) / 6.
  const std::array columns = {ClusterSums{{0, 3}, {1, 3}}};
  std::array<int, 3> seen{};
  const std::vector<double> means = bootstrap_means(columns, {4000, 5, 2})[0];
  for (const double mean : means) {
    ASSERT_TRUE(mean == 0 || mean == 0.75 || mean == 1) << mean;
    ++seen[mean == 0 ? 0 : mean == 0.75 ? 1 : 2];
  }
  EXPECT_NEAR(seen[0], 1000, 150);
  EXPECT_NEAR(seen[1], 2000, 175);
}

TEST(Bootstrap, IntervalsInterpolateAndReflect) {
  const std::vector<double> values = {5, 1, 3, 2, 4};
  const Interval percentile = bootstrap_interval(values, 2, 0.5);
  EXPECT_DOUBLE_EQ(percentile.low, 2);
  EXPECT_DOUBLE_EQ(percentile.high, 4);
  const Interval narrow = bootstrap_interval(values, 2, 0.75);
  EXPECT_DOUBLE_EQ(narrow.low, 1.5);
  const Interval basic = bootstrap_interval(values, 2, 0.5, IntervalMethod::kBasic);
  EXPECT_DOUBLE_EQ(basic.low, 0);
  EXPECT_DOUBLE_EQ(basic.high, 2);
  EXPECT_TRUE(std::isnan(bootstrap_interval({}, 2, 0.95).low));
  EXPECT_TRUE(std::isnan(bootstrap_interval({1, NAN}, 2, 0.95).low));
  EXPECT_EQ(testing::error_text([&] { bootstrap_interval(values, 2, 1.5); }),
            "a confidence level lies between 0 and 1, not 1.5");
}

TEST(Bootstrap, SamplesWithoutValueLeaveNoMean) {
  const ClusterSums none{{0, 0}, {0, 0}};
  EXPECT_TRUE(std::isnan(bootstrap_mean(none, {}).mean));
  EXPECT_TRUE(std::isnan(bootstrap_mean(none, {}).interval.low));
  EXPECT_TRUE(std::isnan(bootstrap_mean(none, {}).standard_error));
}

TEST(Bootstrap, RefusesColumnsThatDoNotFit) {
  const std::array columns = {ClusterSums{{1, 2}, {1, 2}}, ClusterSums{{1}, {1}}};
  const std::string other = "columns to resample do not have the same clusters, or none";
  EXPECT_EQ(testing::error_text([&] { bootstrap_means(columns, {}); }), other);
  EXPECT_EQ(testing::error_text([&] { bootstrap_mean(ClusterSums{}, {}); }), other);
  EXPECT_EQ(testing::error_text([&] { difference(columns[0], columns[1]); }),
            "paired values do not have the same samples in each cluster");
  const std::vector<double> values = {1};
  const std::vector<std::uint32_t> clusters = {3};
  EXPECT_EQ(testing::error_text([&] { sum_by_cluster(values, clusters, 3); }), "there is no cluster 3 of 3");
}

TEST(RandomBits, NumbersBelowABoundAreEquallyLikely) {
  std::vector<std::uint32_t> drawn(60'000);
  RandomBits(3, 4).fill_below(6, std::span(drawn));
  std::array<int, 6> counts{};
  for (const std::uint32_t value : drawn) ++counts.at(value);
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(10'000 * 5.0 / 6));
}

TEST(RandomBits, StreamsDiffer) {
  EXPECT_EQ(RandomBits(1, 2).next(), RandomBits(1, 2).next());
  EXPECT_NE(RandomBits(1, 2).next(), RandomBits(2, 1).next());
  EXPECT_NE(RandomBits(1, 2).next(), RandomBits(1, 3).next());
}

}  // namespace
}  // namespace bteval::metrics
