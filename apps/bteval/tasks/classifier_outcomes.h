// What a classifier head says about each sample of a run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
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

/// Collects the units' results by sample, in whatever order they come.
class ClassifierOutcomes {
 public:
  explicit ClassifierOutcomes(const records::SampleSet& set)
      : set_(set), outcomes_(set.samples.size()), image_digests_(set.images.size()) {}

  /// Error(kInternal) where a sample comes twice.
  void add(const engine::UnitOutput& output);

  std::span<const Outcome> outcomes() const { return outcomes_; }
  /// [{"id", "image_id", "reason"}], in the order of the samples.
  OrderedJson refused_json() const;
  std::uint64_t num_refused() const { return refused_.size(); }
  std::uint64_t num_truncated() const { return truncated_; }
  /// By image: the first 64 bits of the SHA-256 of its content; 0 where it was not read.
  std::span<const std::uint64_t> image_digests() const { return image_digests_; }

 private:
  Outcome& slot(std::uint32_t sample);

  const records::SampleSet& set_;
  std::vector<Outcome> outcomes_;
  std::vector<std::uint64_t> image_digests_;
  std::vector<engine::Refusal> refused_;
  std::uint64_t truncated_ = 0;
};

}  // namespace bteval::app
