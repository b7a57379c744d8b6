// The charts of the interactive report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/report_page.h"
#include "tasks/compare_samples.h"

namespace bteval::app {

/// A slice has bars for at most so many values, the most frequent ones.
inline constexpr std::size_t kMaxBars = 80;
/// Differences are shown by slices of at most so many values.
inline constexpr std::size_t kMaxIntervals = 12;
/// Recall curves end there, or at the largest rank that any sample has.
inline constexpr std::uint32_t kMaxRecallDepth = 50;

/// A slice's values as they are shown.
struct SliceValues {
  std::vector<records::StringPool::Id> ids;
  std::vector<std::uint64_t> counts;  ///< samples
};

/// Most frequent first; numbers, and what begins with numbers ("10-14"), in their order.
SliceValues slice_values(const ComparedSamples& samples, const SliceColumn& slice);

/// Charts over all samples, those without content left out: the mean value by every slice, confusion
/// matrices (NLVR2, SNLI-VE), recall curves (retrieval), calibration and accuracy at coverage where there are
/// confidences, differences from the first run with 95 % intervals by the statistics of `bteval compare` with
/// `resamples` resamples (0: none). `names`: the runs'.
std::vector<reports::PageChart> page_charts(const std::string& task, const ComparedSamples& samples,
                                            const std::vector<std::string>& names, std::uint32_t resamples,
                                            int threads);

}  // namespace bteval::app
