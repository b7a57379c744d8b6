// Where two runs differ: the difference within each slice of the samples.
#pragma once

#include <string>
#include <vector>

#include "tasks/compare.h"
#include "tasks/compare_samples.h"

namespace bteval::app {

/// Intervals of slices come from at most so many resamples.
inline constexpr std::uint32_t kMaxSliceResamples = 1000;

/// Effects on the samples' values (per cent), by slice in the order of the samples, then by value; of
/// run `b` against run 0. `by` names the slices (all where it is empty). holm_p is not set.
std::vector<SliceEffect> slice_effects(const ComparedSamples& samples, std::size_t b,
                                       const std::vector<std::string>& by,
                                       const metrics::ComparisonOptions& options);

/// Error(kUsage) where the samples do not have such a slice, naming those that they have.
void require_slices(const ComparedSamples& samples, const std::vector<std::string>& by);

}  // namespace bteval::app
