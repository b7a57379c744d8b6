// Published results: a curated file, each row with the source of its numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// Reads assets/published/results.json into rows of a leaderboard. Each row's footnote says that it is
/// published and where. Error(kData) naming `name` and the row where a member is missing, a source is empty
/// or a number is outside 0 to 100 (RSUM: 0 to 600).
std::vector<LeaderboardRow> read_published_results(std::string_view text, const std::string& name);

/// What contradicts arithmetic, one line each: an overall of VQAv2 on test-std that its three parts do not
/// give (see doubt_vqa_phase()), an RSUM more than 0.1 from the sum of six recalls.
std::vector<std::string> doubt_published_results(const std::vector<LeaderboardRow>& rows);

}  // namespace bteval::reports
