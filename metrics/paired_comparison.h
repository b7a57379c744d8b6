// Two runs on the same samples: the difference of each measure, and what is known about it.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "metrics/bootstrap.h"

namespace bteval::metrics {

/// One quantity of both runs; the same samples in each cluster.
struct PairedColumn {
  ClusterSums a, b;
};

/// A number that runs are compared by: a weighted sum of columns' means. Accuracy is {{0, 100}} (percent),
/// RSUM has six terms.
struct Measure {
  std::vector<std::pair<std::size_t, double>> terms;  ///< column, weight
};

struct PairedResult {
  double a = 0, b = 0;    ///< the measure of either run
  double difference = 0;  ///< b - a
  Interval a_interval, b_interval;
  Interval interval;           ///< of the difference; percentile bootstrap
  double standard_error = 0;   ///< of the difference; clustered
  double bootstrap_p = 1;      ///< bootstrap_p_value()
  double randomisation_p = 1;  ///< randomisation_p_value()
};

struct ComparisonOptions {
  ResamplingOptions resampling;
  double level = 0.95;        ///< of the intervals
  bool randomisation = true;  ///< false: randomisation_p is NaN
};

/// The measure of one run alone, with its interval.
std::vector<MeanInterval> measure_intervals(std::span<const ClusterSums> columns,
                                            std::span<const Measure> measures,
                                            const ResamplingOptions& options, double level = 0.95);

/// All measures from the same resamples of the clusters. A measure without samples is NaN throughout.
/// Error(kInternal) where the columns do not have the same clusters, a pair not the same counts, or a term
/// names no column.
std::vector<PairedResult> compare_paired(std::span<const PairedColumn> columns,
                                         std::span<const Measure> measures, const ComparisonOptions& options);

/// Standard error of a weighted sum of means whose samples depend on each other within clusters: the
/// clustered standard error of the linearised sum, u_g = Σ_c w_c (s_cg - mean_c n_cg) / N_c and sqrt(G / (G -
/// 1) · Σ_g u_g²) over the G clusters with samples. For one term that is clustered_standard_error().
double linearised_standard_error(std::span<const ClusterSums> columns, const Measure& measure);

}  // namespace bteval::metrics
