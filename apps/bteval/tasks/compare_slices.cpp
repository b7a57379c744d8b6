#include "tasks/compare_slices.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/error.h"
#include "metrics/randomisation.h"

namespace bteval::app {
namespace {

using records::StringPool;

/// Adds samples up by the clusters that have any, numbered in order of appearance.
class SliceSums {
 public:
  explicit SliceSums(std::size_t clusters) : places_(clusters, kNone) {}

  void add(std::uint32_t cluster, double a, double b) {
    std::uint32_t& place = places_[cluster];
    if (place == kNone) {
      place = static_cast<std::uint32_t>(clusters_.size());
      clusters_.push_back(cluster);
      for (metrics::ClusterSums* side : {&column_.a, &column_.b}) {
        side->sums.push_back(0);
        side->counts.push_back(0);
      }
    }
    column_.a.sums[place] += a;
    column_.b.sums[place] += b;
    ++column_.a.counts[place];
    ++column_.b.counts[place];
  }

  /// What was added up; begins anew.
  metrics::PairedColumn take() {
    for (const std::uint32_t cluster : clusters_) places_[cluster] = kNone;
    clusters_.clear();
    return std::exchange(column_, {});
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  std::vector<std::uint32_t> places_, clusters_;
  metrics::PairedColumn column_;
};

metrics::PairedResult compare(const metrics::PairedColumn& column, metrics::ComparisonOptions options) {
  const metrics::Measure percent{{{0, 100.0}}};
  const metrics::ResamplingOptions all = options.resampling;
  options.resampling.resamples = std::min(all.resamples, kMaxSliceResamples);
  options.randomisation = false;
  auto result = metrics::compare_paired(std::span(&column, 1), std::span(&percent, 1), options)[0];
  // Corrected for many slices, the smallest p of a thousand resamples would find nothing.
  result.randomisation_p = metrics::randomisation_p_value(metrics::difference(column.a, column.b).sums, all);
  return result;
}

/// "5-6" before "10-14": by the number that a value begins with, then as text.
bool comes_before(const std::string& a, const std::string& b) {
  const auto number = [](const std::string& text) {
    int value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  return std::pair(number(a), a) < std::pair(number(b), b);
}

void add_effects(const ComparedSamples& samples, const SliceColumn& slice, std::size_t b,
                 const metrics::ComparisonOptions& options, std::vector<SliceEffect>& effects) {
  const std::vector<double>&of_a = samples.runs[0].values, &of_b = samples.runs[b].values;
  std::unordered_map<StringPool::Id, std::vector<std::size_t>> samples_of;
  for (std::size_t i = 0; i < samples.samples(); ++i) {
    if (slice.values[i] == SliceColumn::kNone || std::isnan(of_a[i]) || std::isnan(of_b[i])) continue;
    samples_of[slice.values[i]].push_back(i);
  }
  const auto first = static_cast<std::ptrdiff_t>(effects.size());
  SliceSums sums(samples.clusters);
  for (const auto& [value, members] : samples_of) {
    for (const std::size_t i : members) sums.add(samples.cluster_of[i], of_a[i], of_b[i]);
    const metrics::PairedColumn column = sums.take();
    effects.push_back({slice.name, std::string(samples.strings.text(value)), column.a.samples(),
                       compare(column, options), 1});
  }
  std::sort(effects.begin() + first, effects.end(),
            [](const SliceEffect& x, const SliceEffect& y) { return comes_before(x.value, y.value); });
}

}  // namespace

void require_slices(const ComparedSamples& samples, const std::vector<std::string>& by) {
  std::string known;
  for (const SliceColumn& slice : samples.slices) known += (known.empty() ? "" : ", ") + slice.name;
  for (const std::string& name : by) {
    if (std::none_of(samples.slices.begin(), samples.slices.end(),
                     [&](const SliceColumn& slice) { return slice.name == name; })) {
      throw Error(ErrorCode::kUsage, fmt::format("--by: the samples have no slice \"{}\", only: {}",
                                                 printable(name, 40), printable(known, 400)));
    }
  }
}

std::vector<SliceEffect> slice_effects(const ComparedSamples& samples, std::size_t b,
                                       const std::vector<std::string>& by,
                                       const metrics::ComparisonOptions& options) {
  std::vector<SliceEffect> effects;
  for (const SliceColumn& slice : samples.slices) {
    if (!by.empty() && std::find(by.begin(), by.end(), slice.name) == by.end()) continue;
    add_effects(samples, slice, b, options, effects);
  }
  return effects;
}

}  // namespace bteval::app
