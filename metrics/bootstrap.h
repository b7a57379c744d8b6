// The bootstrap over clusters: how far a mean, or a difference of means, may be off by the choice of samples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/cluster_sums.h"

namespace bteval::metrics {

struct ResamplingOptions {
  std::uint32_t resamples = 10'000;
  std::uint64_t seed = 12345;
  int threads = 0;  ///< 0: one a core; the results do not depend on it
};

enum class IntervalMethod {
  kPercentile,  ///< quantiles of the resampled values
  kBasic,       ///< the percentile interval reflected at the value ("reverse percentile")
};

struct Interval {
  double low = 0, high = 0;
};

/// Draws as many clusters as there are, with replacement, `resamples` times, and gives each column's mean
/// (sum of the drawn clusters' sums over the sum of their counts; NaN where that is 0) in every resample:
/// [columns, resamples]. All columns are drawn together, so that means may be subtracted from each other
/// (paired bootstrap), or added up (RSUM). Resample i draws from a generator of its own, seeded with `seed`
/// and i. Error(kInternal) where columns do not have the same number of clusters, or there is none.
/// Efron and Tibshirani, 1993, An Introduction to the Bootstrap; whole clusters: Davison and Hinkley, 1997,
/// 3.8; one-stage, as images, not questions, were sampled.
std::vector<std::vector<double>> bootstrap_means(std::span<const ClusterSums> columns,
                                                 const ResamplingOptions& options);

/// The interval that holds `value`, the statistic of the sample itself, with the probability `level` (0.95).
/// Quantiles by linear interpolation (numpy's default), as scipy.stats.bootstrap does. NaN where `resampled`
/// is empty or holds NaN.
Interval bootstrap_interval(std::vector<double> resampled, double value, double level,
                            IntervalMethod method = IntervalMethod::kPercentile);

/// Two-sided p-value of a difference: the share of resampled differences, moved to a mean of 0, that are as
/// far from 0 as `value` is, with 1 added to both counts (Noreen, 1989; Koehn, 2004). Equal runs have p = 1.
/// sacreBLEU folds the differences at 0 before it moves them and leaves out ties: where `value` is large its
/// p counts one side only, and equal runs have the smallest p of all.
double bootstrap_p_value(std::span<const double> resampled, double value);

/// One mean with its interval.
struct MeanInterval {
  double mean = 0;
  Interval interval;
  double standard_error = 0;  ///< clustered_standard_error()
};

/// The interval of a single run's mean, and of a difference of paired runs where `column` is a difference().
MeanInterval bootstrap_mean(const ClusterSums& column, const ResamplingOptions& options, double level = 0.95,
                            IntervalMethod method = IntervalMethod::kPercentile);

}  // namespace bteval::metrics
