#include "engine/plan.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "core/error.h"

namespace bteval::engine {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

// Samples grouped by their first image; groups in order of first appearance.
std::vector<std::vector<std::uint32_t>> group_by_first_image(const records::SampleSet& set,
                                                             std::uint64_t count) {
  std::vector<std::vector<std::uint32_t>> groups;
  std::vector<std::uint32_t> group_of_image(set.images.size(), kNone);
  for (std::uint32_t s = 0; s < count; ++s) {
    std::uint32_t& group = group_of_image.at(set.samples[s].images.at(0));
    if (group == kNone) {
      group = static_cast<std::uint32_t>(groups.size());
      groups.emplace_back();
    }
    groups[group].push_back(s);
  }
  return groups;
}

void add_sample(WorkUnit& unit, const records::SampleSet& set, std::uint32_t index) {
  PlannedSample planned{index, {}};
  std::uint8_t type = 1;
  for (const std::uint32_t image : set.samples[index].images) {
    const ImageView view{image, type++};
    auto found = std::find(unit.views.begin(), unit.views.end(), view);
    if (found == unit.views.end()) found = unit.views.insert(found, view);
    planned.views.push_back(static_cast<std::uint32_t>(found - unit.views.begin()));
  }
  unit.samples.push_back(std::move(planned));
}

}  // namespace

void PlanOptions::validate() const {
  if (images_per_unit == 0)
    throw Error(ErrorCode::kUsage, "the number of images in a unit must be at least 1");
  if (samples_per_unit == 0)
    throw Error(ErrorCode::kUsage, "the number of samples in a unit must be at least 1");
}

PairPlan::PairPlan(const records::SampleSet& set, const PlanOptions& options) {
  options.validate();
  num_samples_ =
      options.limit == 0 ? set.samples.size() : std::min<std::uint64_t>(options.limit, set.samples.size());
  WorkUnit unit;
  const auto close = [&] {
    if (unit.samples.empty()) return;
    unit.index = units_.size();
    num_views_ += unit.views.size();
    units_.push_back(std::move(unit));
    unit = WorkUnit{};
  };
  for (const auto& group : group_by_first_image(set, num_samples_)) {
    for (const std::uint32_t sample : group) {
      add_sample(unit, set, sample);
      num_pairs_ += set.samples[sample].images.size();
    }
    if (unit.views.size() >= options.images_per_unit || unit.samples.size() >= options.samples_per_unit)
      close();
  }
  close();
}

}  // namespace bteval::engine
