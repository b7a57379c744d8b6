#include "tasks/classifier_outcomes.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace bteval::app {

Outcome& ClassifierOutcomes::slot(std::uint32_t sample) {
  Outcome& outcome = outcomes_.at(sample);
  if (outcome.label >= 0 || !outcome.refused.empty()) {
    throw Error(ErrorCode::kInternal, "sample " + set_.samples[sample].id + " was computed twice");
  }
  return outcome;
}

void ClassifierOutcomes::add(UnitOutcomes unit) {
  if (!units_.insert(unit.unit).second)
    throw Error(ErrorCode::kInternal, fmt::format("work unit {} was computed twice", unit.unit));
  for (auto& [sample, outcome] : unit.outcomes) slot(sample) = std::move(outcome);
  for (const engine::Refusal& refusal : unit.refused) {
    slot(refusal.sample).refused = refusal.reason;
    refused_.push_back(refusal);
  }
  for (const engine::ImageDigest& image : unit.image_digests) image_digests_.at(image.image) = image.digest;
  counts_.units += 1;
  counts_.samples += unit.outcomes.size() + unit.refused.size();
  counts_.pairs += unit.pairs;
  counts_.image_passes += unit.image_passes;
  counts_.text_passes += unit.text_passes;
  truncated_ += unit.truncated_texts;
}

OrderedJson ClassifierOutcomes::refused_json() const {
  std::vector<engine::Refusal> sorted = refused_;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.sample < b.sample; });
  OrderedJson json = OrderedJson::array();
  for (const engine::Refusal& refusal : sorted) {
    json.push_back({{"id", set_.samples[refusal.sample].id},
                    {"image_id", refusal.image_id},
                    {"reason", refusal.reason}});
  }
  return json;
}

}  // namespace bteval::app
