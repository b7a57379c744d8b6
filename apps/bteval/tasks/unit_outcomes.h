// What a classifier says about the samples of one work unit, as a run's journal keeps it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/plan.h"
#include "engine/runner.h"
#include "records/sample.h"

namespace bteval::app {

/// The answer to one sample.
struct Outcome {
  std::int32_t label = -1;  ///< class with the highest logit, the lowest index among equal ones; -1: none yet
  float logit = 0;          ///< its logit
  float margin = 0;         ///< distance to the second highest logit
  float probability = 0;    ///< of the class by softmax over all
  std::string refused;      ///< why there is no answer; empty where there is one
};

/// Finds the best class of one row of logits (at least one). A NaN is an Error(kCheckpoint): such weights or
/// such a number type give no answer.
Outcome best_class(std::span<const float> logits, const std::string& sample_id);

struct UnitOutcomes {
  std::uint64_t unit = 0;
  std::uint64_t pairs = 0, image_passes = 0, text_passes = 0, truncated_texts = 0;
  std::vector<std::pair<std::uint32_t, Outcome>> outcomes;  ///< by sample, without the refused ones
  std::vector<engine::Refusal> refused;
  std::vector<engine::ImageDigest> image_digests;
};

/// Takes the best class of each sample.
UnitOutcomes outcomes_of(const engine::UnitOutput& output, const records::SampleSet& set);

std::string pack(const UnitOutcomes& outcomes);

/// Error(kData) where the bytes are not such a record, or one of another unit, sample, image or class than
/// the run has.
UnitOutcomes unpack_outcomes(std::string_view bytes, const records::SampleSet& set,
                             const engine::PairPlan& plan, std::int64_t classes);

}  // namespace bteval::app
