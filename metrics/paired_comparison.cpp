#include "metrics/paired_comparison.h"

#include <cmath>
#include <limits>

#include "core/error.h"
#include "metrics/randomisation.h"

namespace bteval::metrics {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void require_columns(const Measure& measure, std::size_t columns) {
  for (const auto& [column, weight] : measure.terms) {
    if (column < columns) continue;
    throw Error(ErrorCode::kInternal, fmt::format("a measure names column {} of {}", column, columns));
  }
}

double value_of(const Measure& measure, std::span<const ClusterSums> columns) {
  double value = 0;
  for (const auto& [column, weight] : measure.terms) value += weight * columns[column].mean();
  return value;
}

// The measure in every resample: `means` holds one row a column, this run's from `first_column` on.
std::vector<double> resampled(const Measure& measure, const std::vector<std::vector<double>>& means,
                              std::size_t first_column = 0) {
  std::vector<double> values(means.empty() ? 0 : means[0].size());
  for (const auto& [column, weight] : measure.terms) {
    const std::vector<double>& of_column = means[first_column + column];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += weight * of_column[i];
  }
  return values;
}

// What each cluster adds to the difference of a measure.
std::vector<double> contributions(const Measure& measure, std::span<const ClusterSums> differences) {
  std::vector<double> total;
  for (const auto& [column, weight] : measure.terms) {
    const ClusterSums& of_column = differences[column];
    total.resize(of_column.clusters());
    const double scale = weight / static_cast<double>(of_column.samples());
    for (std::size_t g = 0; g < total.size(); ++g) {
      if (of_column.sums[g] != 0) total[g] += of_column.sums[g] * scale;
    }
  }
  return total;
}

}  // namespace

double linearised_standard_error(std::span<const ClusterSums> columns, const Measure& measure) {
  require_columns(measure, columns.size());
  std::vector<double> residuals;
  std::vector<bool> has_samples;
  for (const auto& [column, weight] : measure.terms) {
    const ClusterSums& of_column = columns[column];
    const double mean = of_column.mean();
    const double scale = weight / static_cast<double>(of_column.samples());
    residuals.resize(of_column.clusters());
    has_samples.resize(of_column.clusters());
    for (std::size_t g = 0; g < residuals.size(); ++g) {
      if (of_column.counts[g] == 0) continue;
      residuals[g] += scale * (of_column.sums[g] - mean * of_column.counts[g]);
      has_samples[g] = true;
    }
  }
  double squares = 0, clusters = 0;
  for (std::size_t g = 0; g < residuals.size(); ++g) {
    squares += residuals[g] * residuals[g];
    if (has_samples[g]) clusters += 1;
  }
  return clusters < 2 ? kNaN : std::sqrt(clusters / (clusters - 1) * squares);
}

std::vector<MeanInterval> measure_intervals(std::span<const ClusterSums> columns,
                                            std::span<const Measure> measures,
                                            const ResamplingOptions& options, double level) {
  const auto means = bootstrap_means(columns, options);
  std::vector<MeanInterval> results;
  for (const Measure& measure : measures) {
    require_columns(measure, columns.size());
    const double value = value_of(measure, columns);
    results.push_back({value, bootstrap_interval(resampled(measure, means), value, level),
                       linearised_standard_error(columns, measure)});
  }
  return results;
}

std::vector<PairedResult> compare_paired(std::span<const PairedColumn> columns,
                                         std::span<const Measure> measures,
                                         const ComparisonOptions& options) {
  std::vector<ClusterSums> of_a, of_b, differences, both;
  for (const PairedColumn& column : columns) {
    of_a.push_back(column.a);
    of_b.push_back(column.b);
    differences.push_back(difference(column.a, column.b));
  }
  both = of_a;
  both.insert(both.end(), of_b.begin(), of_b.end());
  const auto means = bootstrap_means(both, options.resampling);
  std::vector<PairedResult> results;
  for (const Measure& measure : measures) {
    require_columns(measure, columns.size());
    PairedResult result;
    result.a = value_of(measure, of_a);
    result.b = value_of(measure, of_b);
    // From the differences, as equal runs must differ by 0 and not by the rounding of two sums.
    result.difference = value_of(measure, differences);
    const std::vector<double> a = resampled(measure, means);
    std::vector<double> b = resampled(measure, means, columns.size()), delta(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) delta[i] = b[i] - a[i];
    result.a_interval = bootstrap_interval(a, result.a, options.level);
    result.b_interval = bootstrap_interval(std::move(b), result.b, options.level);
    result.bootstrap_p = bootstrap_p_value(delta, result.difference);
    result.interval = bootstrap_interval(std::move(delta), result.difference, options.level);
    result.standard_error = linearised_standard_error(differences, measure);
    result.randomisation_p =
        options.randomisation ? randomisation_p_value(contributions(measure, differences), options.resampling)
                              : kNaN;
    results.push_back(result);
  }
  return results;
}

}  // namespace bteval::metrics
