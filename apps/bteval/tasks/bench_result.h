// Statistics of repeated timings, and a benchmark's result as text and JSON.
#pragma once

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
  double flops = 0;         ///< operations of matrix products a second
  double memory_bytes = 0;  ///< bytes read a second
};

/// The document that `bteval bench --json` writes; docs/performance.md describes its members.
OrderedJson stages_json(const std::vector<StageResult>& stages, const MachinePeak& peak);

/// Stages as a table: seconds, share, rate; where operations are counted also GFLOP/s, the share of the peak,
/// and the times that the operations and the uncached bytes take at the peaks.
std::string stages_text(const std::vector<StageResult>& stages, const MachinePeak& peak);

}  // namespace bteval::app
