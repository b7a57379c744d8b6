// The one list of columns that every format of a leaderboard shows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// The columns of a table over these rows, which are of one task.
std::vector<LeaderboardColumn> leaderboard_columns(const std::vector<const LeaderboardRow*>& rows);

/// What LeaderboardRow::values knows a score column by.
std::pair<std::string, std::string> split_and_metric(const LeaderboardColumn& column);

/// The column whose key, title or "group title" is `name`, in any case; of several the first. nullptr where
/// none is.
const LeaderboardColumn* find_column(const std::vector<LeaderboardColumn>& columns, const std::string& name);

/// "group title", or the title alone where there is no group.
std::string full_title(const LeaderboardColumn& column);

/// "[78.12, 79.40]"
std::string interval_text(const Interval& interval);

}  // namespace bteval::reports
