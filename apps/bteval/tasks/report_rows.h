// Runs and published results as rows of a leaderboard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/leaderboard.h"
#include "reports/leaderboard_filter.h"

namespace bteval::app {

/// A split as papers call it: "val" for val2014, "test-dev" for test-dev2015, "test-P" for NLVR2's test1.
std::string published_split_name(const std::string& task, const std::string& split);

/// The rows of finished runs, in their order. Runs of one checkpoint under equal settings on several splits
/// are one row, named after all of them. Each run's signature is a footnote. Confidence intervals of 95 %
/// come from samples.jsonl by a bootstrap over its clusters with `resamples` resamples (0: none). What a
/// reader must know is added to `warnings`. With `calibration`, runs whose samples have confidences have
/// sample_calibration()'s numbers, too. Error(kData) where a folder is no finished run or its files are
/// damaged.
std::vector<reports::LeaderboardRow> rows_of_runs(const std::vector<std::filesystem::path>& runs,
                                                  std::uint32_t resamples, std::vector<std::string>& warnings,
                                                  bool calibration = false);

/// The curated file that comes with bteval: assets/published/results.json. Error(kUsage) where it is not
/// installed.
std::vector<reports::LeaderboardRow> published_rows();

}  // namespace bteval::app
