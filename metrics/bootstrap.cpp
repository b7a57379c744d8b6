#include "metrics/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/checked.h"
#include "core/error.h"
#include "core/parallel.h"
#include "metrics/four_streams.h"
#include "metrics/random_bits.h"

namespace bteval::metrics {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlock = 1024;  // draws at a time: their numbers stay in the first cache
constexpr std::size_t kAtOnce = 4;    // resamples
constexpr std::size_t kLanes = 4;     // sums in flight: a single one would wait for each addition

// What a draw adds to four totals at once: sums of columns, or counts (exact: they are below 2^53).
struct alignas(32) Row {
  std::array<double, 4> values{};
};

using Totals = std::array<Row, kLanes>;

// Four numbers of every cluster, side by side: a draw reads one cache line.
class Rows {
 public:
  explicit Rows(std::size_t clusters) : rows_(clusters) {}

  template <typename Number>
  void set(std::size_t place, const std::vector<Number>& numbers) {
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].values[place] = static_cast<double>(numbers[i]);
  }

  void add_drawn(std::span<const std::uint32_t> drawn, Totals& totals) const {
    // A copy, as the compiler keeps in registers only what nobody else may see.
    Totals lanes = totals;
    const Row* const rows = rows_.data();
    std::size_t i = 0;
    for (; i + kLanes <= drawn.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) add(rows[drawn[i + lane]], lanes[lane]);
    }
    for (; i < drawn.size(); ++i) add(rows[drawn[i]], lanes[0]);
    totals = lanes;
  }

 private:
  static void add(const Row& row, Row& total) {
    for (std::size_t k = 0; k < row.values.size(); ++k) total.values[k] += row.values[k];
  }

  std::vector<Row> rows_;
};

// Columns to resample. Counts that several columns share, as both runs of a pair do, are added up once.
class Sampler {
 public:
  explicit Sampler(std::span<const ClusterSums> columns) {
    for (const ClusterSums& column : columns) {
      if (column.clusters() == 0 || column.clusters() != columns[0].clusters() ||
          column.counts.size() != column.sums.size()) {
        throw Error(ErrorCode::kInternal, "columns to resample do not have the same clusters, or none");
      }
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      std::size_t same = 0;
      while (same < c && columns[same].counts != columns[c].counts) ++same;
      const std::size_t sum = place(columns[c].sums);
      places_.push_back({sum, same < c ? places_[same].count : place(columns[c].counts)});
    }
  }

  /// Every column's means in kAtOnce resamples from `first` on: means[column][resample].
  void draw(std::uint32_t clusters, std::uint64_t seed, std::size_t first,
            std::vector<std::vector<double>>& means) const {
    std::vector<std::array<Totals, kAtOnce>> totals(groups_.size());
    std::array<std::array<std::uint32_t, kBlock>, kAtOnce> drawn;
    std::array<RandomBits, kAtOnce> streams = {RandomBits(seed, first), RandomBits(seed, first + 1),
                                               RandomBits(seed, first + 2), RandomBits(seed, first + 3)};
    for (std::size_t begin = 0; begin < clusters; begin += kBlock) {
      const std::size_t count = std::min<std::size_t>(kBlock, clusters - begin);
      fill_below(streams, clusters, {drawn[0].data(), drawn[1].data(), drawn[2].data(), drawn[3].data()},
                 count);
      for (std::size_t i = 0; i < groups_.size(); ++i) {
        for (std::size_t k = 0; k < kAtOnce; ++k)
          groups_[i].add_drawn(std::span(drawn[k].data(), count), totals[i][k]);
      }
    }
    for (std::size_t k = 0; k < kAtOnce && first + k < means[0].size(); ++k) {
      const auto total = [&](std::size_t place) {
        const Totals& lanes = totals[place / 4][k];
        const std::size_t at = place % 4;
        return (lanes[0].values[at] + lanes[1].values[at]) + (lanes[2].values[at] + lanes[3].values[at]);
      };
      for (std::size_t c = 0; c < places_.size(); ++c) {
        const double samples = total(places_[c].count);
        means[c][first + k] = samples == 0 ? kNaN : total(places_[c].sum) / samples;
      }
    }
  }

 private:
  struct Places {
    std::size_t sum, count;
  };

  template <typename Number>
  std::size_t place(const std::vector<Number>& numbers) {
    if (used_ % 4 == 0) groups_.emplace_back(numbers.size());
    groups_.back().set(used_ % 4, numbers);
    return used_++;
  }

  std::vector<Rows> groups_;
  std::size_t used_ = 0;
  std::vector<Places> places_;  // by column
};

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
  const Sampler sampler(columns);
  std::vector<std::vector<double>> means(columns.size(), std::vector<double>(options.resamples));
  if (columns.empty()) return means;
  const auto clusters = checked_cast<std::uint32_t>(columns[0].clusters(), "the number of clusters");
  parallel_for((options.resamples + kAtOnce - 1) / kAtOnce, options.threads,
               [&](std::size_t turn) { sampler.draw(clusters, options.seed, turn * kAtOnce, means); }, 2);
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
