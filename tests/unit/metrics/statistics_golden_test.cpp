// What scipy, sacreBLEU and statsmodels computed of the same data (tools/golden/make_statistics_fixtures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/json.h"
#include "metrics/bootstrap.h"
#include "metrics/calibration.h"
#include "metrics/detectable_difference.h"
#include "metrics/holm.h"
#include "metrics/mcnemar.h"
#include "metrics/paired_comparison.h"
#include "metrics/randomisation.h"
#include "support/test_paths.h"

namespace bteval::metrics {
namespace {

constexpr double kExact = 1e-12;

const Json& fixture() {
  static const Json file = read_json(testing::golden_data("statistics/statistics.json"));
  return file;
}

/// |ours - mean of theirs| is below five standard deviations of one computation (one in two million) plus
/// that of their mean.
void expect_within_monte_carlo_error(double ours, const Json& theirs, const std::string& what) {
  const double std = theirs.at("std");
  const double error = 5 * std * std::sqrt(1 + 1.0 / fixture().at("repeats").get<double>());
  EXPECT_GT(std, 0) << what;
  EXPECT_NEAR(ours, theirs.at("mean").get<double>(), error) << what;
}

void expect_interval(const Interval& ours, const Json& theirs, const std::string& what) {
  expect_within_monte_carlo_error(ours.low, theirs.at("low"), what + ", low end");
  expect_within_monte_carlo_error(ours.high, theirs.at("high"), what + ", high end");
}

struct Runs {
  explicit Runs(const Json& comparison) {
    const auto cluster = comparison.at("cluster").get<std::vector<std::uint32_t>>();
    const std::size_t clusters = cluster.back() + 1;
    a = sum_by_cluster(comparison.at("a").get<std::vector<double>>(), cluster, clusters);
    b = sum_by_cluster(comparison.at("b").get<std::vector<double>>(), cluster, clusters);
  }
  ClusterSums a, b;
};

TEST(StatisticsGolden, IntervalsAreScipys) {
  const double level = fixture().at("level");
  ResamplingOptions options;
  options.resamples = fixture().at("resamples");
  ASSERT_EQ(fixture().at("comparisons").size(), 3U);
  for (const Json& comparison : fixture().at("comparisons")) {
    const std::string name = comparison.at("name");
    const Runs runs(comparison);
    for (const auto& [method, title] :
         {std::pair{IntervalMethod::kPercentile, "percentile"}, {IntervalMethod::kBasic, "basic"}}) {
      expect_interval(bootstrap_mean(runs.a, options, level, method).interval,
                      comparison.at(std::string(title) + "_a"), name + ": " + title);
      expect_interval(bootstrap_mean(difference(runs.a, runs.b), options, level, method).interval,
                      comparison.at(std::string(title) + "_difference"), name + ": difference, " + title);
    }
  }
}

TEST(StatisticsGolden, PairedComparisonsAgreeWithScipySacrebleuAndStatsmodels) {
  ComparisonOptions options;
  options.resampling.resamples = fixture().at("resamples");
  options.level = fixture().at("level");
  const Measure percent{{{0, 100.0}}};
  for (const Json& comparison : fixture().at("comparisons")) {
    const std::string name = comparison.at("name");
    const Runs runs(comparison);
    const PairedColumn column{runs.a, runs.b};
    const PairedResult result = compare_paired(std::span(&column, 1), std::span(&percent, 1), options)[0];
    expect_within_monte_carlo_error(result.randomisation_p, comparison.at("randomisation_p"), name);
    expect_within_monte_carlo_error(result.bootstrap_p, comparison.at("bootstrap_p"), name);
    expect_interval({result.interval.low / 100, result.interval.high / 100},
                    comparison.at("percentile_difference"), name);
    expect_interval({result.a_interval.low / 100, result.a_interval.high / 100},
                    comparison.at("percentile_a"), name);
    EXPECT_NEAR(result.standard_error / 100, comparison.at("standard_error").get<double>(), kExact) << name;
    EXPECT_NEAR(clustered_standard_error(difference(runs.a, runs.b)),
                comparison.at("standard_error").get<double>(), kExact)
        << name;
  }
}

TEST(StatisticsGolden, McnemarIsStatsmodels) {
  ASSERT_GE(fixture().at("mcnemar").size(), 10U);
  for (const Json& row : fixture().at("mcnemar")) {
    const std::uint64_t b = row.at("b"), c = row.at("c");
    const McnemarResult exact = mcnemar_exact(b, c), chi = mcnemar_chi_square(b, c);
    const double exact_p = row.at("exact_p"), chi_p = row.at("chi_p");
    EXPECT_EQ(exact.statistic, row.at("exact_statistic").get<double>()) << row;
    EXPECT_NEAR(exact.p_value, exact_p, kExact * exact_p) << row;
    EXPECT_NEAR(chi.statistic, row.at("chi_statistic").get<double>(), kExact) << row;
    EXPECT_NEAR(chi.p_value, chi_p, kExact * std::max(chi_p, 1e-100)) << row;
  }
}

TEST(StatisticsGolden, HolmIsStatsmodels) {
  for (const Json& list : fixture().at("holm")) {
    const auto adjusted = holm_adjusted(list.at("p").get<std::vector<double>>());
    const auto expected = list.at("adjusted").get<std::vector<double>>();
    ASSERT_EQ(adjusted.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], kExact) << list;
  }
}

TEST(StatisticsGolden, NormalQuantilesAreScipys) {
  for (const Json& row : fixture().at("normal_quantiles")) {
    EXPECT_NEAR(normal_quantile(row.at("p")), row.at("x").get<double>(), kExact) << row;
  }
}

TEST(StatisticsGolden, CalibrationIsNumpys) {
  for (const Json& sample : fixture().at("calibration")) {
    const auto confidence = sample.at("confidence").get<std::vector<float>>();
    const auto value = sample.at("value").get<std::vector<double>>();
    const Calibration result = calibration(confidence, value);
    EXPECT_NEAR(result.expected_error, sample.at("ece").get<double>(), kExact);
    EXPECT_NEAR(result.largest_error, sample.at("mce").get<double>(), kExact);
    ASSERT_EQ(result.bins.size(), 15U);
    for (std::size_t i = 0; i < 15; ++i) {
      const Json& bin = sample.at("bins").at(i);
      ASSERT_EQ(result.bins[i].count, bin.at("count").get<std::int64_t>()) << "bin " << i;
      if (result.bins[i].count == 0) continue;
      EXPECT_NEAR(result.bins[i].mean_confidence, bin.at("confidence").get<double>(), kExact);
      EXPECT_NEAR(result.bins[i].mean_value, bin.at("value").get<double>(), kExact);
    }
    const CoverageCurve curve(confidence, value);
    for (const auto& [coverage, accuracy] : sample.at("accuracy_at").items()) {
      EXPECT_NEAR(curve.accuracy_at(std::stod(coverage)), accuracy.get<double>(), kExact) << coverage;
    }
    for (const auto& [risk, coverage] : sample.at("coverage_at_risk").items()) {
      EXPECT_NEAR(curve.coverage_at_risk(std::stod(risk)), coverage.get<double>(), kExact) << risk;
    }
    EXPECT_NEAR(curve.area_under_risk(), sample.at("area_under_risk").get<double>(), kExact);
  }
}

}  // namespace
}  // namespace bteval::metrics
