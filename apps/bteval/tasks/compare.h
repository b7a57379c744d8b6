// `bteval compare`: what differs between runs on the same samples, and how sure that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metrics/calibration.h"
#include "metrics/paired_comparison.h"

namespace bteval::app {

struct CompareOptions {
  std::vector<std::filesystem::path> runs;  ///< two or more
  std::string reference;                    ///< one of the runs or its name; empty: the first one
  std::vector<std::string> names;           ///< one a run, or none: the folders' names
  std::vector<std::string> by;              ///< slices to compute; empty: all
  std::uint32_t resamples = 10'000;
  std::uint64_t seed = 12345;
  double alpha = 0.05;  ///< level of the stars, the intervals (1 - alpha) and the detectable difference
  int threads = 0;      ///< 0: one a core
  bool force = false;   ///< compare what is not comparable: its differences become warnings
  std::filesystem::path flips;  ///< write the samples whose value differs to this file; may be empty

  /// Error(kUsage) where a number is out of range or the counts of runs and names differ.
  void validate() const;
};

/// One measure of one run against the reference.
struct MeasureResult {
  metrics::PairedResult paired;     ///< a: reference, b: the run
  std::optional<double> mcnemar_p;  ///< exact; nothing where values are not right or wrong
  double holm_p = 1;                ///< of the randomisation test, corrected over the whole table
  double detectable = 0;            ///< minimal detectable difference at power 0.8
};

/// Samples whose value went up or down.
struct FlipCounts {
  std::uint64_t better = 0, worse = 0, equal = 0;
};

struct SliceEffect {
  std::string slice, value;
  std::uint64_t samples = 0;
  metrics::PairedResult paired;
  double holm_p = 1;  ///< corrected over all slices of all runs
};

struct RunCalibration {
  metrics::Calibration calibration;
  std::vector<metrics::CoveragePoint> coverage;
  double area_under_risk = 0;
};

struct ComparedRun {
  std::string name, signature;
  bool is_reference = false;
  std::vector<metrics::MeanInterval> values;  ///< by measure
  std::vector<MeasureResult> measures;        ///< by measure; empty for the reference
  FlipCounts flips;
  std::vector<SliceEffect> slices;
  std::optional<RunCalibration> calibration;  ///< where every sample that counts has a confidence
};

struct Comparison {
  std::string task, split, cluster_name;  ///< "image", "sentence"
  CompareOptions options;
  std::vector<std::string> measures;  ///< "accuracy", "TR R@1", ..., in per cent; "RSUM" their sum
  std::string sliced_measure;         ///< what effects by slice are of
  std::uint64_t samples = 0, clusters = 0;
  std::vector<ComparedRun> runs;  ///< the reference first
  std::vector<std::string> warnings;
};

/// Compares finished runs. Error(kData) where they are not comparable (naming both values) and not forced,
/// where no sample has a value, or a run is damaged.
Comparison compare_runs(const CompareOptions& options);

}  // namespace bteval::app
