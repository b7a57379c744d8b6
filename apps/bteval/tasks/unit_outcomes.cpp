#include "tasks/unit_outcomes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/packing.h"

namespace bteval::app {
namespace {

constexpr std::size_t kOutcomeBytes = 20, kRefusalBytes = 20, kDigestBytes = 12;  // each at least

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorCode::kData, fmt::format("names a {} that this run does not have", what));
}

/// Each sample of the planned unit has to have exactly one result.
void require_samples(const UnitOutcomes& unit, const engine::WorkUnit& planned) {
  std::vector<std::uint32_t> found, wanted;
  for (const auto& [sample, outcome] : unit.outcomes) found.push_back(sample);
  for (const engine::Refusal& refusal : unit.refused) found.push_back(refusal.sample);
  for (const engine::PlannedSample& sample : planned.samples) wanted.push_back(sample.sample);
  std::ranges::sort(found);
  std::ranges::sort(wanted);
  if (found != wanted) throw Error(ErrorCode::kData, "has other samples than its work unit");
}

}  // namespace

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

UnitOutcomes outcomes_of(const engine::UnitOutput& output, const records::SampleSet& set) {
  UnitOutcomes unit{output.unit,        output.pairs,           output.image_passes,
                    output.text_passes, output.truncated_texts, {},
                    output.refused,     output.image_digests};
  const auto width = static_cast<std::size_t>(output.width);
  for (std::size_t row = 0; row < output.samples.size(); ++row) {
    const std::uint32_t sample = output.samples[row];
    const auto logits = std::span(output.logits).subspan(row * width, width);
    unit.outcomes.emplace_back(sample, best_class(logits, set.samples[sample].id));
  }
  return unit;
}

std::string pack(const UnitOutcomes& unit) {
  Packer packer;
  for (const std::uint64_t number :
       {unit.unit, unit.pairs, unit.image_passes, unit.text_passes, unit.truncated_texts})
    packer.put(number);
  packer.put(static_cast<std::uint64_t>(unit.outcomes.size()));
  for (const auto& [sample, outcome] : unit.outcomes) {
    packer.put(sample);
    packer.put(outcome.label);
    packer.put(outcome.logit);
    packer.put(outcome.margin);
    packer.put(outcome.probability);
  }
  packer.put(static_cast<std::uint64_t>(unit.refused.size()));
  for (const engine::Refusal& refusal : unit.refused) {
    packer.put(refusal.sample);
    packer.put(std::string_view(refusal.image_id));
    packer.put(std::string_view(refusal.reason));
  }
  packer.put(static_cast<std::uint64_t>(unit.image_digests.size()));
  for (const engine::ImageDigest& image : unit.image_digests) {
    packer.put(image.image);
    packer.put(image.digest);
  }
  return packer.bytes();
}

UnitOutcomes unpack_outcomes(std::string_view bytes, const records::SampleSet& set,
                             const engine::PairPlan& plan, std::int64_t classes) {
  Unpacker unpacker(bytes);
  UnitOutcomes unit;
  unit.unit = unpacker.get<std::uint64_t>();
  if (unit.unit >= plan.units().size()) fail("work unit");
  for (std::uint64_t* number : {&unit.pairs, &unit.image_passes, &unit.text_passes, &unit.truncated_texts})
    *number = unpacker.get<std::uint64_t>();
  for (std::uint64_t left = unpacker.get_count(kOutcomeBytes); left > 0; --left) {
    auto& [sample, outcome] = unit.outcomes.emplace_back();
    sample = unpacker.get<std::uint32_t>();
    outcome.label = unpacker.get<std::int32_t>();
    if (outcome.label < 0 || outcome.label >= classes) fail("class");
    outcome.logit = unpacker.get<float>();
    outcome.margin = unpacker.get<float>();
    outcome.probability = unpacker.get<float>();
  }
  for (std::uint64_t left = unpacker.get_count(kRefusalBytes); left > 0; --left) {
    engine::Refusal& refusal = unit.refused.emplace_back();
    refusal.sample = unpacker.get<std::uint32_t>();
    refusal.image_id = unpacker.get_string();
    refusal.reason = unpacker.get_string();
  }
  for (std::uint64_t left = unpacker.get_count(kDigestBytes); left > 0; --left) {
    engine::ImageDigest& image = unit.image_digests.emplace_back();
    image.image = unpacker.get<std::uint32_t>();
    if (image.image >= set.images.size()) fail("picture");
    image.digest = unpacker.get<std::uint64_t>();
  }
  unpacker.finish();
  require_samples(unit, plan.units()[unit.unit]);
  return unit;
}

}  // namespace bteval::app
