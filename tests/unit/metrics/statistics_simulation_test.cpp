// How often each test cries wolf: two runs of the same quality, many times over. Seeded: each count is always
// the same; the bounds are those of a binomial distribution.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "metrics/detectable_difference.h"
#include "metrics/holm.h"
#include "metrics/mcnemar.h"
#include "metrics/paired_comparison.h"
#include "metrics/random_bits.h"
#include "metrics/randomisation.h"

namespace bteval::metrics {
namespace {

constexpr int kTrials = 1000;
constexpr double kAlpha = 0.05;
constexpr std::uint32_t kClusters = 100;

/// Four standard deviations above the mean number of rejections.
double most(double alpha, int trials = kTrials) {
  return trials * alpha + 4 * std::sqrt(trials * alpha * (1 - alpha));
}

struct Trial {
  /// Runs that are right with the probabilities 0.6 and 0.6 + `gain`. Of each cluster, `alike` is the share
  /// of samples that come out as its first one does.
  Trial(std::uint64_t number, double alike, double gain = 0) {
    RandomBits random(2718, number);
    const auto uniform = [&] { return static_cast<double>(random.next() >> 11) * 0x1p-53; };
    for (std::uint32_t g = 0; g < kClusters; ++g) {
      const double first_a = uniform() < 0.6 ? 1 : 0, first_b = uniform() < 0.6 + gain ? 1 : 0;
      const auto size = 1 + static_cast<int>(random.next() % 5);
      for (int i = 0; i < size; ++i) {
        const bool copy = uniform() < alike;
        a.push_back(copy ? first_a : uniform() < 0.6 ? 1 : 0);
        b.push_back(copy ? first_b : uniform() < 0.6 + gain ? 1 : 0);
        cluster.push_back(g);
        alone.push_back(static_cast<std::uint32_t>(alone.size()));
      }
    }
  }

  PairedResult compare(bool clustered) const {
    const auto& clusters = clustered ? cluster : alone;
    const std::size_t n = clusters.back() + 1;
    const PairedColumn column{sum_by_cluster(a, clusters, n), sum_by_cluster(b, clusters, n)};
    const Measure mean{{{0, 1.0}}};
    ComparisonOptions options;
    options.resampling = {399, cluster.size(), 1};
    return compare_paired(std::span(&column, 1), std::span(&mean, 1), options)[0];
  }

  std::pair<std::uint64_t, std::uint64_t> discordant() const {
    std::pair<std::uint64_t, std::uint64_t> count{0, 0};
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] > b[i]) ++count.first;
      if (b[i] > a[i]) ++count.second;
    }
    return count;
  }

  std::vector<double> a, b;
  std::vector<std::uint32_t> cluster, alone;
};

TEST(TypeOneError, ClusteredTestsKeepTheirLevelOnClusteredData) {
  int randomisation = 0, bootstrap = 0, interval = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const PairedResult result = Trial(static_cast<std::uint64_t>(trial), 0.7).compare(true);
    randomisation += result.randomisation_p <= kAlpha ? 1 : 0;
    bootstrap += result.bootstrap_p <= kAlpha ? 1 : 0;
    interval += result.interval.low > 0 || result.interval.high < 0 ? 1 : 0;
  }
  EXPECT_LE(randomisation, most(kAlpha));
  EXPECT_LE(bootstrap, most(kAlpha));
  EXPECT_LE(interval, most(kAlpha));
  // They are no tests that never reject, either.
  EXPECT_GE(randomisation, kTrials * kAlpha / 2);
  EXPECT_GE(bootstrap, kTrials * kAlpha / 2);
}

TEST(TypeOneError, TestsThatIgnoreClustersDoNot) {
  int randomisation = 0, mcnemar = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Trial data(static_cast<std::uint64_t>(trial), 0.7);
    randomisation += data.compare(false).randomisation_p <= kAlpha ? 1 : 0;
    const auto [a, b] = data.discordant();
    mcnemar += mcnemar_exact(a, b).p_value <= kAlpha ? 1 : 0;
  }
  EXPECT_GT(randomisation, most(kAlpha));
  EXPECT_GT(mcnemar, most(kAlpha));
}

TEST(TypeOneError, McnemarKeepsItsLevelOnIndependentSamples) {
  int exact = 0, chi_square = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto [a, b] = Trial(static_cast<std::uint64_t>(trial), 0).discordant();
    exact += mcnemar_exact(a, b).p_value <= kAlpha ? 1 : 0;
    chi_square += mcnemar_chi_square(a, b).p_value <= kAlpha ? 1 : 0;
  }
  EXPECT_LE(exact, most(kAlpha));
  EXPECT_LE(chi_square, most(kAlpha));
  EXPECT_GE(exact, kTrials * kAlpha / 3);
}

TEST(TypeOneError, HolmKeepsTheLevelOfAFamily) {
  int uncorrected = 0, corrected = 0;
  constexpr int kFamilies = 250, kTests = 4;
  for (int family = 0; family < kFamilies; ++family) {
    std::vector<double> p;
    for (int test = 0; test < kTests; ++test) {
      const auto number = static_cast<std::uint64_t>(5000 + family * kTests + test);
      p.push_back(Trial(number, 0.7).compare(true).randomisation_p);
    }
    const auto adjusted = holm_adjusted(p);
    const auto found = [](const std::vector<double>& ps) {
      return std::any_of(ps.begin(), ps.end(), [](double x) { return x <= kAlpha; }) ? 1 : 0;
    };
    uncorrected += found(p);
    corrected += found(adjusted);
  }
  EXPECT_LE(corrected, most(kAlpha, kFamilies));
  EXPECT_GT(uncorrected, most(kAlpha, kFamilies));
}

TEST(DetectableDifference, IsFoundWithThePromisedPower) {
  // Twice: once to learn the standard error, once to look for a difference of that size.
  double standard_error = 0;
  for (std::uint64_t trial = 0; trial < 50; ++trial)
    standard_error += Trial(9000 + trial, 0.7, 0.15).compare(true).standard_error / 50;
  const double gain = minimal_detectable_difference(standard_error);
  ASSERT_GT(gain, 0.05);
  ASSERT_LT(gain, 0.35);
  int found = 0;
  constexpr int kPowerTrials = 400;
  for (std::uint64_t trial = 0; trial < kPowerTrials; ++trial)
    found += Trial(20'000 + trial, 0.7, gain).compare(true).randomisation_p <= kAlpha ? 1 : 0;
  EXPECT_NEAR(found, kPowerTrials * 0.8, 4 * std::sqrt(kPowerTrials * 0.8 * 0.2));
}

}  // namespace
}  // namespace bteval::metrics
