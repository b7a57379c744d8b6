// The numbers that a task's runs are compared by, from their samples.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metrics/paired_comparison.h"
#include "tasks/compare_samples.h"

namespace bteval::app {

/// A measure of one run and another one.
struct PairedMeasures {
  std::vector<metrics::PairedColumn> columns;
  std::vector<metrics::Measure> measures;
  /// By measure: how often only a, and only b is right; nothing where values are not right or wrong.
  std::vector<std::optional<std::pair<std::uint64_t, std::uint64_t>>> discordant;
};

/// Names of a task's measures: "accuracy"; "accuracy", "consistency" (NLVR2); "TR R@1" ... "IR R@10", "RSUM".
std::vector<std::string> measure_names(const std::string& task);

/// Per cent; RSUM is the sum of six. a and b are numbers of ComparedSamples::runs.
PairedMeasures paired_measures(const std::string& task, const ComparedSamples& samples, std::size_t a,
                               std::size_t b);

}  // namespace bteval::app
