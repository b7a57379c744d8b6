// The interactive report: one HTML file with the leaderboard, charts and a browser of samples.
#pragma once

#include <string>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// One self-contained HTML document that needs no network. `page_json` is what report_page_json() gives: it
/// stands in the page as data, so it must not contain '<'. A Content-Security-Policy admits the page's own
/// scripts and style by their SHA-256, and images inside the page, and nothing else. With empty `page_json`:
/// leaderboard_html(). Error(kInternal) where `page_json` contains '<'.
std::string report_html(const Leaderboard& board, const std::string& page_json);

/// "Chart.js 3.9.1", as its file says; "" where bteval was built without it: pages then show the numbers of
/// their charts as tables.
std::string chart_library();

}  // namespace bteval::reports
