#include "tasks/report_intervals.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <unordered_map>

#include "metrics/bootstrap.h"

namespace bteval::app {
namespace {

using records::SampleResult;

/// What one sample adds to a metric's mean; nothing where it is no part of it.
using Contribution = std::function<std::optional<double>(const SampleResult&)>;

std::optional<double> value_of(const SampleResult& sample) { return sample.value; }

Contribution slice_value(std::string slice, std::string wanted) {
  return [slice = std::move(slice), wanted = std::move(wanted)](const SampleResult& sample) {
    const bool is_in = std::ranges::find(sample.slices, std::pair(slice, wanted)) != sample.slices.end();
    return is_in ? sample.value : std::nullopt;
  };
}

Contribution recall(std::string kind, std::uint32_t depth) {
  return [kind = std::move(kind), depth](const SampleResult& sample) -> std::optional<double> {
    if (!sample.id.starts_with(kind) || !sample.rank) return std::nullopt;
    return *sample.rank <= depth ? 1.0 : 0.0;
  };
}

std::vector<std::pair<std::string, Contribution>> contributions(const std::string& task) {
  if (task == "vqav2") {
    return {{"overall", value_of},
            {"yes/no", slice_value("answer type", "yes/no")},
            {"number", slice_value("answer type", "number")},
            {"other", slice_value("answer type", "other")}};
  }
  if (task == "nlvr2" || task == "snli-ve") return {{"accuracy", value_of}};
  std::vector<std::pair<std::string, Contribution>> all;
  for (const auto& [title, kind] : {std::pair("TR R@", "image:"), std::pair("IR R@", "caption:")}) {
    for (const std::uint32_t depth : {1U, 5U, 10U})
      all.emplace_back(title + std::to_string(depth), recall(kind, depth));
  }
  return all;
}

struct Columns {
  std::vector<std::string> names;
  std::vector<metrics::ClusterSums> sums;
};

/// A sentence counts for NLVR2's consistency where all its examples are right.
void add_consistency(Columns& columns) {
  const metrics::ClusterSums& accuracy = columns.sums.front();
  metrics::ClusterSums consistency;
  for (std::size_t i = 0; i < accuracy.clusters(); ++i) {
    const bool all_right = accuracy.sums[i] == accuracy.counts[i];
    consistency.counts.push_back(accuracy.counts[i] > 0 ? 1 : 0);
    consistency.sums.push_back(accuracy.counts[i] > 0 && all_right ? 1.0 : 0.0);
  }
  columns.names.emplace_back("consistency");
  columns.sums.push_back(std::move(consistency));
}

Columns add_up(const std::string& task, const std::vector<SampleResult>& samples) {
  const auto parts = contributions(task);
  std::unordered_map<std::string, std::size_t> cluster_index;
  Columns columns;
  columns.sums.resize(parts.size());
  for (const auto& part : parts) columns.names.push_back(part.first);
  for (const SampleResult& sample : samples) {
    const std::size_t cluster = cluster_index.try_emplace(sample.cluster, cluster_index.size()).first->second;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      metrics::ClusterSums& of = columns.sums[i];
      of.sums.resize(cluster_index.size());
      of.counts.resize(cluster_index.size());
      const auto value = parts[i].second(sample);
      if (!value) continue;
      of.sums[cluster] += *value;
      ++of.counts[cluster];
    }
  }
  if (task == "nlvr2") add_consistency(columns);
  return columns;
}

void drop_empty(Columns& columns) {
  for (std::size_t i = columns.sums.size(); i-- > 0;) {
    if (columns.sums[i].samples() > 0) continue;
    columns.sums.erase(columns.sums.begin() + static_cast<std::ptrdiff_t>(i));
    columns.names.erase(columns.names.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

SampleInterval per_cent(std::vector<double> resampled, double mean) {
  const metrics::Interval interval = metrics::bootstrap_interval(std::move(resampled), mean, 0.95);
  return {100 * mean, {100 * interval.low, 100 * interval.high}};
}

}  // namespace

std::map<std::string, SampleInterval> sample_intervals(const std::string& task,
                                                       const std::vector<SampleResult>& samples,
                                                       std::uint32_t resamples) {
  Columns columns = add_up(task, samples);
  drop_empty(columns);
  std::map<std::string, SampleInterval> out;
  if (columns.sums.empty()) return out;
  metrics::ResamplingOptions options;
  options.resamples = resamples;
  const auto resampled = metrics::bootstrap_means(columns.sums, options);
  for (std::size_t i = 0; i < columns.sums.size(); ++i)
    out[columns.names[i]] = per_cent(resampled[i], columns.sums[i].mean());
  constexpr std::size_t kRecalls = 6;
  if (columns.names.front().starts_with("TR") && columns.names.size() == kRecalls) {
    std::vector<double> sums(resampled.front().size());
    double sum = 0;
    for (std::size_t i = 0; i < kRecalls; ++i) {
      sum += columns.sums[i].mean();
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += resampled[i][k];
    }
    out["RSUM"] = per_cent(std::move(sums), sum);
  }
  return out;
}

}  // namespace bteval::app
