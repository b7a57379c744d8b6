// What a classifier head says about each sample of a run.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "core/json.h"
#include "engine/runner.h"
#include "records/sample.h"
#include "tasks/unit_outcomes.h"

namespace bteval::app {

/// Collects the units' results by sample, in whatever order they come.
class ClassifierOutcomes {
 public:
  explicit ClassifierOutcomes(const records::SampleSet& set)
      : set_(set), outcomes_(set.samples.size()), image_digests_(set.images.size()) {}

  /// Error(kInternal) where a unit or a sample comes twice.
  void add(UnitOutcomes unit);
  /// Units that were added.
  const std::set<std::uint64_t>& units() const { return units_; }

  std::span<const Outcome> outcomes() const { return outcomes_; }
  /// [{"id", "image_id", "reason"}], in the order of the samples.
  OrderedJson refused_json() const;
  /// Of all units; `seconds` is 0.
  const engine::RunCounts& counts() const { return counts_; }
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
  std::set<std::uint64_t> units_;
  engine::RunCounts counts_;
  std::uint64_t truncated_ = 0;
};

}  // namespace bteval::app
