#include "metrics/cluster_sums.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace bteval::metrics {

std::uint64_t ClusterSums::samples() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

double ClusterSums::mean() const {
  const std::uint64_t n = samples();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(n);
}

ClusterSums sum_by_cluster(std::span<const double> values, std::span<const std::uint32_t> cluster_of_sample,
                           std::size_t clusters) {
  if (values.size() != cluster_of_sample.size()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{} values for {} samples", values.size(), cluster_of_sample.size()));
  }
  ClusterSums result{std::vector<double>(clusters), std::vector<std::uint32_t>(clusters)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t cluster = cluster_of_sample[i];
    if (cluster >= clusters) {
      throw Error(ErrorCode::kInternal, fmt::format("there is no cluster {} of {}", cluster, clusters));
    }
    result.sums[cluster] += values[i];
    ++result.counts[cluster];
  }
  return result;
}

ClusterSums difference(const ClusterSums& a, const ClusterSums& b) {
  if (a.counts != b.counts) {
    throw Error(ErrorCode::kInternal, "paired values do not have the same samples in each cluster");
  }
  ClusterSums result{b.sums, b.counts};
  for (std::size_t i = 0; i < a.sums.size(); ++i) result.sums[i] -= a.sums[i];
  return result;
}

double clustered_standard_error(const ClusterSums& column) {
  const double mean = column.mean();
  double squares = 0;
  std::size_t clusters = 0;
  for (std::size_t i = 0; i < column.clusters(); ++i) {
    if (column.counts[i] == 0) continue;
    const double residual = column.sums[i] - mean * column.counts[i];
    squares += residual * residual;
    ++clusters;
  }
  if (clusters < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto g = static_cast<double>(clusters);
  return std::sqrt(g / (g - 1) * squares) / static_cast<double>(column.samples());
}

}  // namespace bteval::metrics
