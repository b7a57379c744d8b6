// What the static leaderboard and the interactive report have in common.
#pragma once

#include <string>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// Text as HTML shows it, control characters made visible; also inside attribute values.
std::string html_text(const std::string& text);

/// The tables, remarks, warnings and footnotes of a leaderboard, as they stand in a document's body.
std::string leaderboard_tables_html(const Leaderboard& board);

}  // namespace bteval::reports
