// Charts of how runs differ from the first one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/report_page.h"
#include "tasks/compare_samples.h"

namespace bteval::app {

/// The task's measures, and the samples' values by every slice of few values (kMaxIntervals): differences
/// with 95 % intervals from the clustered bootstrap, and p by approximate randomisation, Holm-corrected
/// within each of these two families, as in `bteval compare`. Empty where there is one run only, or no sample
/// that counts.
std::vector<reports::IntervalChart> difference_charts(const std::string& task, const ComparedSamples& samples,
                                                      const std::vector<std::string>& names,
                                                      std::uint32_t resamples, int threads);

}  // namespace bteval::app
