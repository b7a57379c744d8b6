// Charts of the interactive report, over made-up runs whose numbers can be counted by hand.
#include "tasks/report_page_charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/made_up_run.h"
#include "support/test_paths.h"
#include "tasks/compare.h"
#include "tasks/report_page.h"

namespace bteval::app {
namespace {

using reports::BarChart;
using reports::CurveChart;
using reports::IntervalChart;
using reports::MatrixChart;
using reports::PageChart;
using reports::ReliabilityChart;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using testing::MadeUpRun;
using ::testing::Optional;

/// The charts of one kind, by title.
template <typename Chart>
std::vector<const Chart*> of_kind(const std::vector<PageChart>& charts) {
  std::vector<const Chart*> found;
  for (const PageChart& chart : charts) {
    if (const auto* of_kind = std::get_if<Chart>(&chart)) found.push_back(of_kind);
  }
  return found;
}

template <typename Chart>
std::vector<std::string> titles(const std::vector<PageChart>& charts) {
  std::vector<std::string> names;
  for (const Chart* chart : of_kind<Chart>(charts)) names.push_back(chart->title);
  return names;
}

class ReportPageCharts : public ::testing::Test {
 protected:
  std::vector<PageChart> charts_of(const std::vector<const MadeUpRun*>& runs, std::uint32_t resamples = 200) {
    ReportPageOptions options;
    for (const MadeUpRun* run : runs) {
      options.runs.push_back(dir.path() / std::string(1, static_cast<char>('a' + options.runs.size())));
      run->write(options.runs.back());
    }
    options.resamples = resamples;
    options.threads = 1;
    std::vector<std::string> warnings;
    auto page = make_report_page(options, warnings);
    EXPECT_EQ(page.groups.size(), 1U);
    return std::move(page.groups.at(0).charts);
  }

  testing::TempDir dir;
};

TEST_F(ReportPageCharts, BarsAreMeansOfWhatCounts) {
  MadeUpRun a("vqav2"), b("vqav2");
  for (MadeUpRun* run : {&a, &b}) {
    for (int i = 0; i < 6; ++i) {
      OrderedJson& sample = run->add("q" + std::to_string(i), "image", i == 0 ? 0.3 : 1);
      sample["slices"] = {{"answer type", i < 2 ? "rare" : "often"}, {"constant", "x"}};
      if (i == 5) sample.erase("value");
      if (run == &b && i == 2) sample["value"] = 0;
    }
  }
  const auto charts = charts_of({&a, &b}, 0);
  ASSERT_EQ(titles<BarChart>(charts), std::vector<std::string>{"Accuracy by answer type"});
  const BarChart& chart = *of_kind<BarChart>(charts)[0];
  EXPECT_EQ(chart.unit, "%");
  EXPECT_EQ(chart.labels, (std::vector<std::string>{"often", "rare"}));
  EXPECT_EQ(chart.counts, (std::vector<std::uint64_t>{3, 2}));
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_THAT(chart.series[0].values, ElementsAre(Optional(100.0), Optional(DoubleNear(65, 1e-9))));
  EXPECT_EQ(chart.series[1].run, 1U);
  EXPECT_THAT(chart.series[1].values,
              ElementsAre(Optional(DoubleNear(200 / 3.0, 1e-9)), Optional(DoubleNear(65, 1e-9))));
  EXPECT_TRUE(of_kind<IntervalChart>(charts).empty());  // no resamples
  EXPECT_TRUE(of_kind<ReliabilityChart>(charts).empty());
}

TEST_F(ReportPageCharts, NumbersKeepTheirOrderAndManyValuesAreCut) {
  MadeUpRun run("vqav2");
  for (int i = 0; i < 300; ++i) {
    OrderedJson& sample = run.add("q" + std::to_string(i), "image", 1);
    sample["slices"] = {{"type", "t" + std::to_string(i % 100)},
                        {"length", std::to_string(i % 3 * 5) + "-x"}};
    if (i >= 100 && i % 100 < 30) sample["slices"]["type"] = "t50";
  }
  const auto charts = charts_of({&run});
  ASSERT_EQ(
      titles<BarChart>(charts),
      (std::vector<std::string>{"Accuracy by type (the 80 most frequent of 100)", "Accuracy by length"}));
  const BarChart& types = *of_kind<BarChart>(charts)[0];
  EXPECT_EQ(types.labels.size(), 80U);
  EXPECT_EQ(types.labels[0], "t50");
  EXPECT_EQ(types.counts[0], 63U);
  EXPECT_EQ(types.counts[79], 1U);
  EXPECT_EQ(of_kind<BarChart>(charts)[1]->labels, (std::vector<std::string>{"0-x", "5-x", "10-x"}));
}

TEST_F(ReportPageCharts, ConfusionsHaveGoldInRows) {
  MadeUpRun run("snli-ve");
  const auto add = [&](const char* gold, const char* predicted, int times) {
    for (int i = 0; i < times; ++i) {
      const bool right = std::string(gold) == predicted;
      OrderedJson& sample =
          run.add(std::string(gold) + predicted + std::to_string(i), "image", right ? 1 : 0);
      sample["slices"] = {{"class", gold}};
      sample["prediction"] = predicted;
      if (*predicted == '\0') sample["refused"] = "no image";
    }
  };
  add("contradiction", "contradiction", 5);
  add("contradiction", "neutral", 2);
  add("entailment", "entailment", 4);
  add("neutral", "entailment", 3);
  add("neutral", "", 1);
  const auto charts = charts_of({&run});
  ASSERT_EQ(of_kind<MatrixChart>(charts).size(), 1U);
  const MatrixChart& matrix = *of_kind<MatrixChart>(charts)[0];
  EXPECT_EQ(matrix.title, "Confusion matrix (1 refused samples left out)");
  EXPECT_EQ(matrix.labels, (std::vector<std::string>{"entailment", "neutral", "contradiction"}));
  EXPECT_EQ(matrix.counts, (std::vector<std::vector<std::uint64_t>>{{4, 0, 0}, {3, 0, 0}, {0, 2, 5}}));
}

TEST_F(ReportPageCharts, RecallCountsRanksUpToK) {
  MadeUpRun run("coco");
  const std::vector<int> ranks = {1, 2, 2, 40, 70};
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    run.add("image:" + std::to_string(i), "c" + std::to_string(i), ranks[i] == 1 ? 1 : 0)["rank"] = ranks[i];
    run.add("caption:" + std::to_string(i), "c" + std::to_string(i), 1)["rank"] = 1;
  }
  const auto charts = charts_of({&run});
  ASSERT_EQ(titles<CurveChart>(charts), std::vector<std::string>{"Recall at K"});
  const CurveChart& recall = *of_kind<CurveChart>(charts)[0];
  ASSERT_EQ(recall.series.size(), 2U);
  EXPECT_EQ(recall.series[0].name, "TR");
  const auto& points = recall.series[0].points;
  ASSERT_EQ(points.size(), kMaxRecallDepth);
  EXPECT_EQ(points[0], std::pair(1.0, 20.0));
  EXPECT_EQ(points[1], std::pair(2.0, 60.0));
  EXPECT_EQ(points[38], std::pair(39.0, 60.0));
  EXPECT_EQ(points[49], std::pair(50.0, 80.0));
  EXPECT_EQ(recall.series[1].name, "IR");
  EXPECT_EQ(recall.series[1].points[0].second, 100.0);
}

TEST_F(ReportPageCharts, RecallEndsAtTheDeepestRank) {
  MadeUpRun run("flickr30k");
  for (int i = 0; i < 3; ++i) run.add("image:" + std::to_string(i), "c", 0)["rank"] = 12 + i;
  const auto charts = charts_of({&run});
  ASSERT_EQ(of_kind<CurveChart>(charts).size(), 1U);
  const CurveChart& recall = *of_kind<CurveChart>(charts)[0];
  ASSERT_EQ(recall.series.size(), 1U);  // no captions, no IR
  EXPECT_EQ(recall.series[0].points.size(), 14U);
  EXPECT_EQ(recall.series[0].points.back().second, 100.0);
}

/// 120 images with two samples each; b is better where the two digits of the image are equal.
void fill_pair(MadeUpRun& a, MadeUpRun& b) {
  for (int i = 0; i < 240; ++i) {
    for (MadeUpRun* run : {&a, &b}) {
      const double value = i % 5 < 3 || (run == &b && i % 11 == 0) ? 1 : 0;
      OrderedJson& sample = run->add("q" + std::to_string(i), "image" + std::to_string(i / 2), value);
      sample["slices"] = {{"kind", i % 3 == 0 ? "third" : "other"}};
      sample["confidence"] = (i % 10 + (run == &b ? 0.5 : 0)) / 10.5;
    }
  }
}

TEST_F(ReportPageCharts, DifferencesAreThoseOfCompare) {
  MadeUpRun a("snli-ve"), b("snli-ve");
  fill_pair(a, b);
  const auto charts = charts_of({&a, &b});
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  options.resamples = 200;
  const Comparison comparison = compare_runs(options);

  const auto intervals = of_kind<IntervalChart>(charts);
  ASSERT_EQ(titles<IntervalChart>(charts),
            (std::vector<std::string>{"Difference from a", "Difference from a by kind"}));
  EXPECT_EQ(intervals[0]->labels, std::vector<std::string>{"accuracy"});
  ASSERT_EQ(intervals[0]->series.size(), 1U);
  EXPECT_EQ(intervals[0]->series[0].run, 1U);
  const IntervalChart::Item& item = intervals[0]->series[0].items.at(0);
  const MeasureResult& expected = comparison.runs[1].measures.at(0);
  EXPECT_GT(item.difference, 0);
  EXPECT_EQ(item.difference, expected.paired.difference);
  EXPECT_EQ(item.low, expected.paired.interval.low);
  EXPECT_EQ(item.high, expected.paired.interval.high);
  EXPECT_EQ(item.p, expected.holm_p);

  std::vector<std::string> labels;
  for (std::size_t i = 0; i < intervals[1]->labels.size(); ++i) {
    const SliceEffect& effect = comparison.runs[1].slices.at(i);
    ASSERT_EQ(effect.slice, "kind");
    EXPECT_EQ(intervals[1]->labels[i], effect.value);
    const IntervalChart::Item& of_slice = intervals[1]->series[0].items.at(i);
    EXPECT_EQ(of_slice.difference, effect.paired.difference);
    EXPECT_EQ(of_slice.low, effect.paired.interval.low);
    EXPECT_EQ(of_slice.high, effect.paired.interval.high);
    EXPECT_GE(of_slice.p, effect.paired.randomisation_p);
  }
  EXPECT_EQ(intervals[1]->labels.size(), 2U);
}

TEST_F(ReportPageCharts, CalibrationIsThatOfCompare) {
  MadeUpRun a("snli-ve"), b("snli-ve");
  fill_pair(a, b);
  const auto charts = charts_of({&a, &b}, 0);
  CompareOptions options;
  options.runs = {dir.path() / "a", dir.path() / "b"};
  options.resamples = 100;
  const Comparison comparison = compare_runs(options);
  ASSERT_EQ(of_kind<ReliabilityChart>(charts).size(), 1U);
  ASSERT_EQ(titles<CurveChart>(charts), std::vector<std::string>{"Accuracy at coverage"});
  const ReliabilityChart& reliability = *of_kind<ReliabilityChart>(charts)[0];
  const CurveChart& coverage = *of_kind<CurveChart>(charts)[0];
  ASSERT_EQ(reliability.series.size(), 2U);
  ASSERT_EQ(coverage.series.size(), 2U);
  for (std::size_t r = 0; r < 2; ++r) {
    const RunCalibration& expected = comparison.runs[r].calibration.value();
    EXPECT_EQ(reliability.series[r].ece, 100 * expected.calibration.expected_error);
    EXPECT_EQ(reliability.series[r].mce, 100 * expected.calibration.largest_error);
    std::uint64_t samples = 0;
    for (const auto& bin : reliability.series[r].bins) samples += bin.count;
    EXPECT_EQ(samples, 240U);
    ASSERT_EQ(coverage.series[r].points.size(), 100U);
    for (const auto& point : expected.coverage) {
      const auto percent = static_cast<std::size_t>(100 * point.coverage + 0.5);
      EXPECT_DOUBLE_EQ(coverage.series[r].points[percent - 1].second, 100 * point.accuracy);
    }
  }
}

TEST_F(ReportPageCharts, OneRunWithoutLabelsHasNoCharts) {
  MadeUpRun run("vqav2");
  for (int i = 0; i < 3; ++i) {
    OrderedJson& sample = run.add("q" + std::to_string(i), "image", 0);
    sample.erase("value");
    sample["slices"] = {{"answer type", i == 0 ? "a" : "b"}};
    sample["confidence"] = 0.5;
  }
  EXPECT_TRUE(charts_of({&run}).empty());
}

}  // namespace
}  // namespace bteval::app
