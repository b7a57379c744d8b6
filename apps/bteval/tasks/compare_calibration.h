// Confidences of a run's samples beside their values.
#pragma once

#include <optional>
#include <vector>

#include "tasks/compare_samples.h"

namespace bteval::app {

/// The samples that count, one entry each.
struct ConfidentSamples {
  std::vector<float> confidences;  ///< 0 to 1
  std::vector<double> values;
};

/// Nothing where a sample that counts has no confidence, or none between 0 and 1. A refused sample is an
/// answer that was not given: it counts as a wrong one without any confidence.
std::optional<ConfidentSamples> confident_samples(const RunSamples& run);

}  // namespace bteval::app
