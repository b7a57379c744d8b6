// Small cases of the tests and corrections that can be worked out by hand, and their edges.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "metrics/calibration.h"
#include "metrics/detectable_difference.h"
#include "metrics/holm.h"
#include "metrics/mcnemar.h"
#include "metrics/paired_comparison.h"
#include "metrics/randomisation.h"
#include "support/error_text.h"

namespace bteval::metrics {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Randomisation, EqualRunsDoNotDiffer) {
  const std::vector<double> nothing(50, 0.0);
  EXPECT_EQ(randomisation_p_value(nothing, {}), 1);
  EXPECT_EQ(randomisation_p_value({}, {}), 1);
}

TEST(Randomisation, CountsTiesAsFar) {
  // Of the 8 ways to swap three equal differences, two are as far from 0 as the observed one.
  const std::vector<double> three = {0.1, 0, 0.1, 0.1};
  EXPECT_NEAR(randomisation_p_value(three, {100'000, 1, 2}), 0.25, 5 * std::sqrt(0.25 * 0.75 / 100'000));
}

TEST(Randomisation, IsSymmetricAndDoesNotDependOnThreads) {
  const std::vector<double> values = {0.5, -0.1, 0.3, 0.2, 0.7, -0.4, 0.1},
                            negated = {-0.5, 0.1, -0.3, -0.2, -0.7, 0.4, -0.1};
  const double p = randomisation_p_value(values, {2000, 9, 1});
  EXPECT_EQ(p, randomisation_p_value(values, {2000, 9, 3}));
  EXPECT_EQ(p, randomisation_p_value(negated, {2000, 9, 1}));
  EXPECT_TRUE(std::isnan(randomisation_p_value(std::vector<double>{1, kNaN}, {})));
}

TEST(Randomisation, SmallestPValueIsOneInResamplesPlusOne) {
  EXPECT_DOUBLE_EQ(randomisation_p_value(std::vector<double>(100, 1.0), {999, 1, 1}), 1.0 / 1000);
}

TEST(Mcnemar, CasesByHand) {
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 5).p_value, 2.0 / 32);
  EXPECT_DOUBLE_EQ(mcnemar_exact(1, 3).p_value, 2 * (1 + 4) / 16.0);
  EXPECT_EQ(mcnemar_exact(0, 0).p_value, 1);
  EXPECT_EQ(mcnemar_chi_square(0, 0).p_value, 1);
  EXPECT_DOUBLE_EQ(mcnemar_chi_square(10, 20).statistic, 81.0 / 30);
}

TEST(Mcnemar, LargeCountsKeepTheirDigits) {
  // The two tests agree where counts are large.
  const double exact = mcnemar_exact(100'000, 101'000).p_value,
               chi = mcnemar_chi_square(100'000, 101'000).p_value;
  EXPECT_NEAR(exact / chi, 1, 1e-3);
  EXPECT_EQ(mcnemar_exact(0, 200'000).p_value, 0);
}

TEST(Holm, LeavesOutWhatWasNotTested) {
  const auto adjusted = holm_adjusted(std::vector<double>{0.02, kNaN, 0.01});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.02);
  EXPECT_TRUE(std::isnan(adjusted[1]));
  EXPECT_DOUBLE_EQ(adjusted[2], 0.02);
  EXPECT_TRUE(holm_adjusted({}).empty());
}

TEST(DetectableDifference, IsTheTextbookMultiple) {
  EXPECT_NEAR(minimal_detectable_difference(1), 1.959963984540054 + 0.8416212335729143, 1e-12);
  EXPECT_NEAR(minimal_detectable_difference(0.5, 0.01, 0.9), (2.5758293035489004 + 1.2815515655446004) / 2,
              1e-12);
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
  EXPECT_EQ(normal_quantile(1), HUGE_VAL);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
}

TEST(PairedComparison, SumsMeansOfDifferentQuestions) {
  // Three images; each asks one thing of `images` and two of `captions`.
  const std::vector<PairedColumn> columns = {
      {{{1, 0, 1}, {1, 1, 1}}, {{1, 1, 1}, {1, 1, 1}}},
      {{{2, 1, 0}, {2, 2, 2}}, {{2, 1, 0}, {2, 2, 2}}},
  };
  const std::vector<Measure> measures = {{{{0, 100.0}}}, {{{1, 100.0}}}, {{{0, 100.0}, {1, 100.0}}}};
  const auto results = compare_paired(columns, measures, {{2000, 1, 1}});
  EXPECT_NEAR(results[0].difference, 100.0 / 3, 1e-12);
  EXPECT_EQ(results[1].difference, 0);
  EXPECT_EQ(results[1].randomisation_p, 1);
  EXPECT_EQ(results[1].bootstrap_p, 1);
  EXPECT_EQ(results[1].standard_error, 0);
  EXPECT_NEAR(results[2].a, 200.0 / 3 + 50, 1e-12);
  EXPECT_NEAR(results[2].difference, 100.0 / 3, 1e-12);
  // The second term does not differ: the sum's statistics are the first one's.
  EXPECT_NEAR(results[2].standard_error, results[0].standard_error, 1e-12);
  EXPECT_EQ(results[2].randomisation_p, results[0].randomisation_p);
  EXPECT_NEAR(results[2].interval.high, results[0].interval.high, 1e-9);
}

TEST(PairedComparison, OneRunAloneHasTheSameInterval) {
  const PairedColumn column{{{1, 0, 2, 1}, {1, 2, 2, 1}}, {{0, 0, 2, 0}, {1, 2, 2, 1}}};
  const std::vector<Measure> measures = {{{{0, 100.0}}}};
  const auto paired = compare_paired(std::span(&column, 1), measures, {{500, 1, 1}})[0];
  const auto alone = measure_intervals(std::span(&column.a, 1), measures, {500, 1, 1})[0];
  EXPECT_EQ(alone.mean, paired.a);
  EXPECT_EQ(alone.interval.low, paired.a_interval.low);
  EXPECT_EQ(alone.interval.high, paired.a_interval.high);
  EXPECT_NEAR(alone.standard_error, 100 * clustered_standard_error(column.a), 1e-12);
}

TEST(PairedComparison, RefusesOtherSamples) {
  const PairedColumn column{{{1, 0}, {1, 2}}, {{1, 0}, {2, 1}}};
  const std::vector<Measure> measures = {{{{0, 1.0}}}};
  EXPECT_EQ(testing::error_text([&] { compare_paired(std::span(&column, 1), measures, {}); }),
            "paired values do not have the same samples in each cluster");
  const PairedColumn good{{{1, 0}, {1, 2}}, {{1, 1}, {1, 2}}};
  const std::vector<Measure> wrong = {{{{1, 1.0}}}};
  EXPECT_EQ(testing::error_text([&] { compare_paired(std::span(&good, 1), wrong, {}); }),
            "a measure names column 1 of 1");
}

TEST(Calibration, BordersBelongToTheLowerBin) {
  const std::vector<float> confidence = {0.0F, 0.5F, 0.50001F, 1.0F};
  const Calibration result = calibration(confidence, std::vector<double>{0, 1, 0, 1}, 2);
  EXPECT_EQ(result.bins[0].count, 2);
  EXPECT_EQ(result.bins[1].count, 2);
  EXPECT_DOUBLE_EQ(result.bins[0].mean_value, 0.5);
  EXPECT_DOUBLE_EQ(result.bins[0].mean_confidence, 0.25);
}

TEST(Calibration, NothingAndNonsense) {
  EXPECT_TRUE(std::isnan(calibration({}, {}).expected_error));
  EXPECT_EQ(testing::error_text([] { calibration(std::vector<float>{1.5F}, std::vector<double>{1}); }),
            "1.5 is no probability");
  EXPECT_EQ(testing::error_text([] { calibration(std::vector<float>{1}, {}); }),
            "1 confidences for 0 values");
  EXPECT_EQ(testing::error_text([] { calibration({}, {}, 0); }), "calibration needs at least one bin");
  EXPECT_TRUE(std::isnan(CoverageCurve({}, {}).accuracy_at(0.5)));
  EXPECT_TRUE(std::isnan(CoverageCurve({}, {}).area_under_risk()));
  EXPECT_EQ(CoverageCurve({}, {}).coverage_at_risk(0.5), 0);
}

TEST(CoverageCurve, EquallyConfidentSamplesCountWithTheirMean) {
  const std::vector<float> confidence = {0.5F, 0.9F, 0.5F, 0.5F};
  const CoverageCurve curve(confidence, std::vector<double>{1, 1, 0, 0});
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.25), 1);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(0.5), (1 + 1.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(curve.accuracy_at(1), 0.5);
  EXPECT_DOUBLE_EQ(curve.coverage_at_risk(0.4), 0.25);
  EXPECT_DOUBLE_EQ(curve.coverage_at_risk(0.5), 1);
}

}  // namespace
}  // namespace bteval::metrics
