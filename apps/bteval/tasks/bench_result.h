// Statistics of repeated timings, and a benchmark's result as text and JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::app {

/// Median, extremes and all values of repeated timings.
struct Timings {
  std::vector<double> seconds;  ///< in the order of the repeats; at least one

  double median() const { return percentile(50); }
  /// Linear interpolation between the closest ranks, as NumPy's default. `percent` in 0..100.
  double percentile(double percent) const;
  double best() const { return percentile(0); }
  double worst() const { return percentile(100); }
};

/// {"median_s", "best_s", "worst_s", "all_s"}.
OrderedJson timings_json(const Timings& timings);

/// {"median", "low", "high"} of ratios.
OrderedJson ratio_json(const Timings& ratios);

/// One stage over the repeats.
struct StageResult {
  std::string name;   ///< "vision"
  std::string items;  ///< "images"
  double count = 0;   ///< items of one repeat
  Timings timings = {};
  double flop = 0;          ///< operations of one repeat; 0 where none are counted
  double memory_bytes = 0;  ///< of one repeat, likewise
};

/// What the machine reaches; 0: not measured.
struct MachinePeak {
  double flops = 0;         ///< operations a second of the fastest matrix product of all
  double memory_bytes = 0;  ///< bytes read a second
  /// For each repeat, what the same processor sustained in matrix products just before and after it.
  std::vector<double> flops_beside = {};
};

/// The rates of `flop` operations a repeat as shares of those beside them; nothing where none were measured.
std::optional<Timings> shares_of_sustained(const Timings& timings, double flop, const MachinePeak& peak);

/// The document that `bteval bench --json` writes; docs/performance.md describes its members.
OrderedJson stages_json(const std::vector<StageResult>& stages, const MachinePeak& peak);

/// Stages as a table: seconds, share, rate; where operations are counted also GFLOP/s, the shares of the
/// highest and of the sustained rate, and the times of the operations and the uncached bytes at the peaks.
std::string stages_text(const std::vector<StageResult>& stages, const MachinePeak& peak);

}  // namespace bteval::app
