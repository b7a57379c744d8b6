#include "metrics/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/checked.h"
#include "core/error.h"
#include "core/parallel.h"
#include "metrics/random_bits.h"

namespace bteval::metrics {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlock = 1024;  // draws at a time: their numbers stay in the first cache
constexpr std::size_t kLanes = 4;     // sums in flight: a single one would wait for each addition

// A column's cells side by side, as one draw needs both.
struct Cell {
  double sum;
  double count;  // exact: counts are below 2^53
};

struct Total {
  std::array<double, kLanes> sum{}, count{};

  void add(const std::vector<Cell>& cells, std::span<const std::uint32_t> drawn) {
    std::size_t i = 0;
    for (; i + kLanes <= drawn.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) add_to(lane, cells[drawn[i + lane]]);
    }
    for (; i < drawn.size(); ++i) add_to(0, cells[drawn[i]]);
  }

  double mean() const {
    const double samples = (count[0] + count[1]) + (count[2] + count[3]);
    return samples == 0 ? kNaN : ((sum[0] + sum[1]) + (sum[2] + sum[3])) / samples;
  }

 private:
  void add_to(std::size_t lane, const Cell& cell) {
    sum[lane] += cell.sum;
    count[lane] += cell.count;
  }
};

std::vector<std::vector<Cell>> cells_of(std::span<const ClusterSums> columns) {
  std::vector<std::vector<Cell>> cells;
  for (const ClusterSums& column : columns) {
    if (column.clusters() == 0 || column.clusters() != columns[0].clusters() ||
        column.counts.size() != column.sums.size()) {
      throw Error(ErrorCode::kInternal, "columns to resample do not have the same clusters, or none");
    }
    std::vector<Cell>& of_column = cells.emplace_back(column.clusters());
    for (std::size_t i = 0; i < of_column.size(); ++i) {
      of_column[i] = {column.sums[i], static_cast<double>(column.counts[i])};
    }
  }
  return cells;
}

// numpy.quantile(sorted, q), method "linear".
double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<std::vector<double>> bootstrap_means(std::span<const ClusterSums> columns,
                                                 const ResamplingOptions& options) {
  const std::vector<std::vector<Cell>> cells = cells_of(columns);
  std::vector<std::vector<double>> means(columns.size(), std::vector<double>(options.resamples));
  if (columns.empty()) return means;
  const auto clusters = checked_cast<std::uint32_t>(columns[0].clusters(), "the number of clusters");
  parallel_for(
      options.resamples, options.threads,
      [&](std::size_t resample) {
        RandomBits random(options.seed, resample);
        std::vector<Total> totals(cells.size());
        std::array<std::uint32_t, kBlock> buffer;
        for (std::size_t begin = 0; begin < clusters; begin += kBlock) {
          const std::span drawn(buffer.data(), std::min<std::size_t>(kBlock, clusters - begin));
          random.fill_below(clusters, drawn);
          for (std::size_t i = 0; i < cells.size(); ++i) totals[i].add(cells[i], drawn);
        }
        for (std::size_t i = 0; i < cells.size(); ++i) means[i][resample] = totals[i].mean();
      },
      8);
  return means;
}

Interval bootstrap_interval(std::vector<double> resampled, double value, double level,
                            IntervalMethod method) {
  if (!(level > 0 && level < 1)) {
    throw Error(ErrorCode::kUsage, fmt::format("a confidence level lies between 0 and 1, not {}", level));
  }
  if (resampled.empty() ||
      std::any_of(resampled.begin(), resampled.end(), [](double x) { return std::isnan(x); })) {
    return {kNaN, kNaN};
  }
  std::sort(resampled.begin(), resampled.end());
  const double tail = (1 - level) / 2;
  const Interval percentile{quantile(resampled, tail), quantile(resampled, 1 - tail)};
  if (method == IntervalMethod::kPercentile) return percentile;
  return {2 * value - percentile.high, 2 * value - percentile.low};
}

double bootstrap_p_value(std::span<const double> resampled, double value) {
  if (resampled.empty() || std::isnan(value)) return kNaN;
  double mean = 0, largest = std::abs(value);
  for (const double x : resampled) {
    mean += x;
    largest = std::max(largest, std::abs(x));
  }
  mean /= static_cast<double>(resampled.size());
  if (std::isnan(mean)) return kNaN;
  // Equal values that were added up in another order differ in their last bits.
  const double tied = std::abs(value) - 1e-12 * largest;
  const auto farther =
      std::count_if(resampled.begin(), resampled.end(), [&](double x) { return std::abs(x - mean) >= tied; });
  return (static_cast<double>(farther) + 1) / (static_cast<double>(resampled.size()) + 1);
}

MeanInterval bootstrap_mean(const ClusterSums& column, const ResamplingOptions& options, double level,
                            IntervalMethod method) {
  std::vector<std::vector<double>> means = bootstrap_means(std::span(&column, 1), options);
  const double mean = column.mean();
  return {mean, bootstrap_interval(std::move(means[0]), mean, level, method),
          clustered_standard_error(column)};
}

}  // namespace bteval::metrics
