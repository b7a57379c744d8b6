// `bteval report`: one leaderboard over any number of runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/leaderboard.h"
#include "tasks/report_page.h"

namespace bteval::app {

struct ReportOptions {
  std::vector<std::filesystem::path> runs;
  std::filesystem::path suite_dir;       ///< every run directory directly below it, by name; may be empty
  std::string filter;                    ///< see reports::LeaderboardFilter
  std::optional<std::string> published;  ///< show published results, those that this filter keeps ("": all)
  reports::LeaderboardOptions order;
  std::uint32_t resamples = 1000;  ///< of the bootstrap that gives intervals; 0: none
  bool calibration = false;        ///< columns of calibration and of accuracy at coverage
};

/// Published results are of the runs' tasks, unless their filter names a task or there is no run.
/// Error(kUsage) where nothing is left to show; else throws what rows_of_runs() does.
reports::Leaderboard make_report(const ReportOptions& options);

/// The interactive report: the leaderboard of make_report(), and below it charts and samples of the runs that
/// the filter keeps, where page.samples is not 0 and there is a run with samples. page.runs and
/// page.resamples are taken from `options`. What a reader must know of them is added to board.warnings.
/// Throws what make_report_page() does.
std::string html_report(reports::Leaderboard& board, const ReportOptions& options, ReportPageOptions page);

/// The run directories directly below a folder, by name. Error(kData) where there is none.
std::vector<std::filesystem::path> runs_below(const std::filesystem::path& folder);

/// Whether standard output is a terminal that shows colours: NO_COLOR is not set, TERM is not "dumb".
bool stdout_takes_colour();

}  // namespace bteval::app
