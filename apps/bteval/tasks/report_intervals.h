// Confidence intervals of a run's numbers, from how each of its samples came out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "records/sample_result.h"
#include "reports/leaderboard.h"

namespace bteval::app {

/// A number of the leaderboard ("overall", "TR R@1", "RSUM"), recomputed from the samples, with its interval.
struct SampleInterval {
  double value = 0;
  reports::Interval interval;
};

/// By metric, as the leaderboard calls it. Whole clusters are drawn: images (VQAv2, SNLI-VE, retrieval),
/// sentences (NLVR2). `task` as in a manifest. Empty where no sample has a value.
std::map<std::string, SampleInterval> sample_intervals(const std::string& task,
                                                       const std::vector<records::SampleResult>& samples,
                                                       std::uint32_t resamples);

}  // namespace bteval::app
