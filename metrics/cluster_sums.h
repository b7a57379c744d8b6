// Samples added up by cluster: all that resampling needs to know of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bteval::metrics {

/// One quantity (a run's accuracy, its R@5 of one direction): its mean is the sum of `sums` over the sum of
/// `counts`. Clusters are independent of each other; samples within one need not be: questions about one
/// image, image pairs of one sentence.
struct ClusterSums {
  std::vector<double> sums;           ///< [clusters] sum of the values
  std::vector<std::uint32_t> counts;  ///< [clusters] samples with a value; 0 is allowed

  std::size_t clusters() const { return sums.size(); }
  std::uint64_t samples() const;
  /// Sum of the values over the number of samples, 0 / 0 = NaN.
  double mean() const;
};

/// Adds `values` [samples] up by `cluster_of_sample` [samples], numbers below `clusters`. Error(kInternal)
/// where the lengths differ or a number is not below `clusters`.
ClusterSums sum_by_cluster(std::span<const double> values, std::span<const std::uint32_t> cluster_of_sample,
                           std::size_t clusters);

/// b - a, cluster by cluster. Error(kInternal) where the clusters or their counts differ.
ClusterSums difference(const ClusterSums& a, const ClusterSums& b);

/// Standard error of mean(), for samples that depend on each other within clusters:
/// sqrt(G / (G - 1) · Σ_g (s_g - mean · n_g)²) / Σ_g n_g, over the G clusters that have samples; the
/// linearised ratio estimator (Cochran, Sampling Techniques, 3rd ed., 6.4), which is also the cluster-robust
/// standard error of a regression on a constant. With one sample a cluster it is s / sqrt(n). NaN with fewer
/// than two clusters.
double clustered_standard_error(const ClusterSums& column);

}  // namespace bteval::metrics
