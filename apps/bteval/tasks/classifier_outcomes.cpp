#include "tasks/classifier_outcomes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace bteval::app {

Outcome best_class(std::span<const float> logits, const std::string& sample_id) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  Outcome outcome;
  float second = kLowest;
  outcome.logit = kLowest;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i])) {
      throw Error(ErrorCode::kCheckpoint,
                  "the model's output is not a number: the weights hold NaN, or the number type overflows "
                  "(try --dtype "
                  "fp32)",
                  {"", "sample " + sample_id, std::nullopt});
    }
    if (outcome.label < 0 || logits[i] > outcome.logit) {
      second = outcome.label < 0 ? kLowest : outcome.logit;
      outcome.logit = logits[i];
      outcome.label = static_cast<std::int32_t>(i);
    } else {
      second = std::max(second, logits[i]);
    }
  }
  outcome.margin = outcome.logit - second;
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - static_cast<double>(outcome.logit));
  outcome.probability = static_cast<float>(1 / sum);
  return outcome;
}

Outcome& ClassifierOutcomes::slot(std::uint32_t sample) {
  Outcome& outcome = outcomes_.at(sample);
  if (outcome.label >= 0 || !outcome.refused.empty()) {
    throw Error(ErrorCode::kInternal, "sample " + set_.samples[sample].id + " was computed twice");
  }
  return outcome;
}

void ClassifierOutcomes::add(const engine::UnitOutput& output) {
  const auto width = static_cast<std::size_t>(output.width);
  for (std::size_t row = 0; row < output.samples.size(); ++row) {
    const std::uint32_t sample = output.samples[row];
    slot(sample) = best_class(std::span(output.logits).subspan(row * width, width), set_.samples[sample].id);
  }
  for (const engine::Refusal& refusal : output.refused) {
    slot(refusal.sample).refused = refusal.reason;
    refused_.push_back(refusal);
  }
  for (const engine::ImageDigest& image : output.image_digests) image_digests_.at(image.image) = image.digest;
  truncated_ += output.truncated_texts;
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
