#include "tasks/report_page_differences.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "metrics/holm.h"
#include "tasks/compare.h"
#include "tasks/compare_measures.h"
#include "tasks/compare_slices.h"
#include "tasks/report_page_charts.h"

namespace bteval::app {
namespace {

using reports::IntervalChart;

/// Replaces the p-values of some charts, which are looked at together, by Holm's.
void correct(std::vector<IntervalChart>& charts) {
  std::vector<double*> places;
  for (IntervalChart& chart : charts) {
    for (auto& series : chart.series) {
      for (auto& item : series.items) places.push_back(&item.p);
    }
  }
  std::vector<double> p_values;
  for (const double* place : places) p_values.push_back(*place);
  p_values = metrics::holm_adjusted(p_values);
  for (std::size_t i = 0; i < places.size(); ++i) *places[i] = p_values[i];
}

IntervalChart::Item item_of(const metrics::PairedResult& result) {
  return {result.difference, result.interval.low, result.interval.high, result.randomisation_p};
}

/// Leaves out measures that no sample belongs to, as IR where a file holds images only.
void drop_empty(IntervalChart& chart) {
  for (std::size_t m = chart.labels.size(); m-- > 0;) {
    const auto at = static_cast<std::ptrdiff_t>(m);
    if (std::none_of(chart.series.begin(), chart.series.end(),
                     [m](const auto& series) { return std::isnan(series.items[m].difference); }))
      continue;
    chart.labels.erase(chart.labels.begin() + at);
    for (auto& series : chart.series) series.items.erase(series.items.begin() + at);
  }
}

IntervalChart of_measures(const std::string& task, const ComparedSamples& samples, const std::string& title,
                          const metrics::ComparisonOptions& options) {
  IntervalChart chart{title, "points", measure_names(task), {}};
  for (std::size_t b = 1; b < samples.runs.size(); ++b) {
    IntervalChart::Series& series = chart.series.emplace_back(IntervalChart::Series{b, {}});
    const PairedMeasures paired = paired_measures(task, samples, 0, b);
    for (const auto& result : metrics::compare_paired(paired.columns, paired.measures, options))
      series.items.push_back(item_of(result));
  }
  drop_empty(chart);
  return chart;
}

std::vector<IntervalChart> of_slices(const std::string& task, const ComparedSamples& samples,
                                     const std::string& title, const metrics::ComparisonOptions& options) {
  const char* measure = measure_names(task).size() > 2 ? "R@1: " : "";  // of retrieval, values are R@1
  std::vector<IntervalChart> charts;
  std::vector<std::string> names;
  for (const SliceColumn& slice : samples.slices) {
    const std::size_t values = slice_values(samples, slice).ids.size();
    if (values < 2 || values > kMaxIntervals) continue;
    names.push_back(slice.name);
    charts.push_back({fmt::format("{}{} by {}", measure, title, slice.name), "points", {}, {}});
  }
  if (names.empty()) return charts;  // slice_effects() would take all
  for (std::size_t b = 1; b < samples.runs.size(); ++b) {
    std::map<std::string, std::vector<const SliceEffect*>> effects_of;
    const std::vector<SliceEffect> effects = slice_effects(samples, b, names, options);
    for (const SliceEffect& effect : effects) effects_of[effect.slice].push_back(&effect);
    for (std::size_t c = 0; c < charts.size(); ++c) {
      IntervalChart::Series& series = charts[c].series.emplace_back(IntervalChart::Series{b, {}});
      for (const SliceEffect* effect : effects_of[names[c]]) {
        if (b == 1) charts[c].labels.push_back(effect->value);  // the same samples count in all runs
        series.items.push_back(item_of(effect->paired));
      }
    }
  }
  return charts;
}

}  // namespace

std::vector<IntervalChart> difference_charts(const std::string& task, const ComparedSamples& samples,
                                             const std::vector<std::string>& names, std::uint32_t resamples,
                                             int threads) {
  const auto counts = [](double value) { return !std::isnan(value); };
  const std::vector<double>& values = samples.runs.front().values;
  if (samples.runs.size() < 2 || std::none_of(values.begin(), values.end(), counts)) return {};
  const metrics::ComparisonOptions options{
      {resamples, metrics::ResamplingOptions().seed, threads}, 0.95, true};
  const std::string title = "Difference from " + names.front();
  std::vector<IntervalChart> charts = {of_measures(task, samples, title, options)};
  correct(charts);
  std::vector<IntervalChart> slices = of_slices(task, samples, title, options);
  correct(slices);
  for (IntervalChart& chart : slices) charts.push_back(std::move(chart));
  return charts;
}

}  // namespace bteval::app
