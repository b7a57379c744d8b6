#include "tasks/report_page_charts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "metrics/calibration.h"
#include "records/snli_ve.h"
#include "tasks/compare_calibration.h"
#include "tasks/report_page_differences.h"

namespace bteval::app {
namespace {

using records::StringPool;
using reports::BarChart;
using reports::CurveChart;
using reports::MatrixChart;
using reports::PageChart;
using reports::ReliabilityChart;

bool is_retrieval(const std::string& task) { return task == "flickr30k" || task == "coco"; }

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

/// The mean value of every run, by the values of a slice.
std::optional<BarChart> bars(const std::string& task, const ComparedSamples& samples,
                             const SliceColumn& slice) {
  SliceValues shown = slice_values(samples, slice);
  const std::size_t known = shown.ids.size();
  if (known > kMaxBars) {
    // Numbers are in their order, not in that of their frequency.
    std::vector<std::uint64_t> counts = shown.counts;
    std::nth_element(counts.begin(), counts.begin() + kMaxBars, counts.end(), std::greater<>());
    const std::uint64_t least = counts[kMaxBars - 1];
    SliceValues kept;
    for (std::size_t v = 0; v < known; ++v) {
      if (shown.counts[v] < least || kept.ids.size() == kMaxBars) continue;
      kept.ids.push_back(shown.ids[v]);
      kept.counts.push_back(shown.counts[v]);
    }
    shown = std::move(kept);
  }
  std::unordered_map<StringPool::Id, std::size_t> places;
  for (std::size_t v = 0; v < shown.ids.size(); ++v) places.emplace(shown.ids[v], v);

  BarChart chart{
      fmt::format("{} by {}", is_retrieval(task) ? "R@1" : "Accuracy", slice.name), "%", {}, {}, {}};
  if (known > kMaxBars) chart.title += fmt::format(" (the {} most frequent of {})", shown.ids.size(), known);
  for (const StringPool::Id id : shown.ids) chart.labels.emplace_back(samples.strings.text(id));
  bool any = false;
  for (std::size_t r = 0; r < samples.runs.size(); ++r) {
    std::vector<double> sums(shown.ids.size());
    std::vector<std::uint64_t> counts(shown.ids.size());
    for (std::size_t i = 0; i < samples.samples(); ++i) {
      const double value = samples.runs[r].values[i];
      const auto place = places.find(slice.values[i]);
      if (place == places.end() || std::isnan(value)) continue;
      sums[place->second] += value;
      ++counts[place->second];
      any = true;
    }
    BarChart::Series& series = chart.series.emplace_back(BarChart::Series{r, {}});
    for (std::size_t v = 0; v < sums.size(); ++v) {
      series.values.push_back(counts[v] == 0 ? std::nullopt
                                             : std::optional(100 * sums[v] / static_cast<double>(counts[v])));
    }
    if (r == 0) chart.counts = std::move(counts);  // every sample counts in all runs or in none
  }
  if (!any || chart.labels.size() < 2) return std::nullopt;
  return chart;
}

/// Classes in the order of the data set's papers, then others as they come.
std::vector<std::string> class_order(const std::string& task) {
  if (task == "nlvr2") return {"True", "False"};
  std::vector<std::string> names;
  for (const auto value : {records::SnliVeClass::kEntailment, records::SnliVeClass::kNeutral,
                           records::SnliVeClass::kContradiction})
    names.emplace_back(records::snli_ve_class_name(value));
  return names;
}

std::optional<MatrixChart> confusion(const std::string& task, const ComparedSamples& samples, std::size_t r,
                                     const std::string& name) {
  const std::string_view gold = task == "nlvr2" ? "label" : "class";
  const auto slice = std::find_if(samples.slices.begin(), samples.slices.end(),
                                  [&](const SliceColumn& column) { return column.name == gold; });
  if (slice == samples.slices.end()) return std::nullopt;
  MatrixChart chart;
  chart.run = r;
  chart.labels = class_order(task);
  std::unordered_map<StringPool::Id, std::size_t> places;
  const auto place = [&](StringPool::Id id) {
    const auto [found, is_new] = places.try_emplace(id, 0);
    if (!is_new) return found->second;
    const std::string label(samples.strings.text(id));
    const auto known = std::find(chart.labels.begin(), chart.labels.end(), label);
    found->second = static_cast<std::size_t>(known - chart.labels.begin());
    if (known == chart.labels.end()) chart.labels.push_back(label);
    return found->second;
  };
  std::vector<std::pair<std::size_t, std::size_t>> cells;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < samples.samples(); ++i) {
    if (slice->values[i] == SliceColumn::kNone || std::isnan(samples.runs[r].values[i])) continue;
    const StringPool::Id prediction = samples.runs[r].predictions[i];
    if (samples.strings.text(prediction).empty()) {
      ++silent;
    } else {
      cells.emplace_back(place(slice->values[i]), place(prediction));
    }
  }
  if (cells.empty() || chart.labels.size() > kMaxBars) return std::nullopt;
  chart.counts.assign(chart.labels.size(), std::vector<std::uint64_t>(chart.labels.size()));
  for (const auto& [row, column] : cells) ++chart.counts[row][column];
  chart.title = "Confusion matrix";
  if (samples.runs.size() > 1) chart.title += " of " + name;
  if (silent > 0) chart.title += fmt::format(" ({} refused samples left out)", silent);
  return chart;
}

/// Share of the samples whose best right answer is among the first K.
std::optional<CurveChart> recall(const ComparedSamples& samples) {
  CurveChart chart{"Recall at K", "K", "recall (%)", {}};
  std::uint32_t deepest = 0;
  for (const RunSamples& run : samples.runs) {
    for (const std::uint32_t rank : run.ranks) deepest = std::max(deepest, rank);
  }
  deepest = std::min(std::max(deepest, 10U), kMaxRecallDepth);  // R@10 is always wanted
  for (std::size_t r = 0; r < samples.runs.size(); ++r) {
    for (const auto& [name, prefix] : {std::pair("TR", "image:"), {"IR", "caption:"}}) {
      std::vector<std::uint64_t> at_rank(deepest + 1);
      std::uint64_t count = 0;
      for (std::size_t i = 0; i < samples.samples(); ++i) {
        const std::uint32_t rank = samples.runs[r].ranks[i];
        if (rank == 0 || !samples.ids[i].starts_with(prefix)) continue;
        ++count;
        if (rank <= deepest) ++at_rank[rank];
      }
      if (count == 0) continue;
      CurveChart::Series& series = chart.series.emplace_back(CurveChart::Series{r, name, {}});
      std::uint64_t found = 0;
      for (std::uint32_t k = 1; k <= deepest; ++k) {
        found += at_rank[k];
        series.points.emplace_back(k, 100 * static_cast<double>(found) / static_cast<double>(count));
      }
    }
  }
  if (chart.series.empty()) return std::nullopt;
  return chart;
}

ReliabilityChart::Series reliability(std::size_t run, const metrics::Calibration& calibration) {
  ReliabilityChart::Series series{run, 100 * calibration.expected_error, 100 * calibration.largest_error, {}};
  for (const metrics::ReliabilityBin& bin : calibration.bins) {
    series.bins.push_back(
        {bin.low, bin.high, static_cast<std::uint64_t>(bin.count), bin.mean_confidence, bin.mean_value});
  }
  return series;
}

void add_calibration(const ComparedSamples& samples, std::vector<PageChart>& charts) {
  ReliabilityChart calibration{"Calibration", {}};
  CurveChart coverage{"Accuracy at coverage", "coverage (%)", "accuracy (%)", {}};
  for (std::size_t r = 0; r < samples.runs.size(); ++r) {
    const auto confident = confident_samples(samples.runs[r]);
    if (!confident) continue;
    calibration.series.push_back(
        reliability(r, metrics::calibration(confident->confidences, confident->values)));
    const metrics::CoverageCurve curve(confident->confidences, confident->values);
    CurveChart::Series& series = coverage.series.emplace_back(CurveChart::Series{r, "", {}});
    for (int percent = 1; percent <= 100; ++percent)
      series.points.emplace_back(percent, 100 * curve.accuracy_at(percent / 100.0));
  }
  if (calibration.series.empty()) return;
  charts.emplace_back(std::move(calibration));
  charts.emplace_back(std::move(coverage));
}

}  // namespace

SliceValues slice_values(const ComparedSamples& samples, const SliceColumn& slice) {
  std::unordered_map<StringPool::Id, std::uint64_t> counts;
  for (const StringPool::Id id : slice.values) {
    if (id != SliceColumn::kNone) ++counts[id];
  }
  struct Value {
    std::optional<int> number;
    std::uint64_t count;
    std::string_view text;
    StringPool::Id id;
  };
  std::vector<Value> values;
  for (const auto& [id, count] : counts) {
    const std::string_view text = samples.strings.text(id);
    values.push_back({leading_number(text), count, text, id});
  }
  const bool numbers =
      std::all_of(values.begin(), values.end(), [](const Value& value) { return value.number.has_value(); });
  std::sort(values.begin(), values.end(), [&](const Value& a, const Value& b) {
    if (numbers && a.number != b.number) return a.number < b.number;
    return a.count != b.count ? a.count > b.count : a.text < b.text;
  });
  SliceValues out;
  for (const Value& value : values) {
    out.ids.push_back(value.id);
    out.counts.push_back(value.count);
  }
  return out;
}

std::vector<PageChart> page_charts(const std::string& task, const ComparedSamples& samples,
                                   const std::vector<std::string>& names, std::uint32_t resamples,
                                   int threads) {
  std::vector<PageChart> charts;
  for (const SliceColumn& slice : samples.slices) {
    if (auto chart = bars(task, samples, slice)) charts.emplace_back(std::move(*chart));
  }
  if (task == "nlvr2" || task == "snli-ve") {
    for (std::size_t r = 0; r < samples.runs.size(); ++r) {
      if (auto chart = confusion(task, samples, r, names[r])) charts.emplace_back(std::move(*chart));
    }
  }
  if (is_retrieval(task)) {
    if (auto chart = recall(samples)) charts.emplace_back(std::move(*chart));
  }
  add_calibration(samples, charts);
  if (resamples > 0) {
    for (auto& chart : difference_charts(task, samples, names, resamples, threads))
      charts.emplace_back(std::move(chart));
  }
  return charts;
}

}  // namespace bteval::app
