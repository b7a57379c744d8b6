#include "tasks/report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include "core/error.h"
#include "reports/leaderboard_filter.h"
#include "reports/report_html.h"
#include "tasks/report_rows.h"

namespace bteval::app {

namespace fs = std::filesystem;

std::vector<fs::path> runs_below(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> runs;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (fs::exists(entry.path() / "manifest.json")) runs.push_back(entry.path());
  }
  if (error) throw Error(ErrorCode::kData, error.message(), {folder.string(), "", std::nullopt});
  if (runs.empty()) {
    throw Error(ErrorCode::kData, "holds no run directory with a manifest.json",
                {folder.string(), "", std::nullopt});
  }
  std::ranges::sort(runs);
  return runs;
}

namespace {

std::vector<fs::path> all_runs(const ReportOptions& options) {
  std::vector<fs::path> runs = options.runs;
  if (!options.suite_dir.empty()) {
    for (fs::path& run : runs_below(options.suite_dir)) runs.push_back(std::move(run));
  }
  return runs;
}

/// Those that have a row in the leaderboard.
std::vector<fs::path> kept_runs(const ReportOptions& options) {
  const reports::LeaderboardFilter filter(options.filter);
  std::vector<fs::path> kept;
  for (const fs::path& run : all_runs(options)) {
    std::vector<std::string> known_already;
    const auto rows = rows_of_runs({run}, 0, known_already);
    if (std::ranges::any_of(rows, [&](const auto& row) { return filter.keeps(row); })) kept.push_back(run);
  }
  return kept;
}

}  // namespace

reports::Leaderboard make_report(const ReportOptions& options) {
  const std::vector<fs::path> runs = all_runs(options);
  if (runs.empty() && !options.published)
    throw Error(ErrorCode::kUsage, "name run directories, --suite-dir or --published");
  const reports::LeaderboardFilter filter(options.filter);
  std::vector<std::string> warnings;
  std::vector<reports::LeaderboardRow> rows =
      rows_of_runs(runs, options.resamples, warnings, options.calibration);
  if (options.published) {
    const reports::LeaderboardFilter wanted(*options.published);
    std::set<std::string> tasks;
    for (const auto& row : rows) tasks.insert(row.task);
    for (auto& row : published_rows()) {
      const bool of_task = tasks.empty() || wanted.has("task") || tasks.contains(row.task);
      if (of_task && wanted.keeps(row)) rows.push_back(std::move(row));
    }
  }
  std::erase_if(rows, [&](const auto& row) { return !filter.keeps(row); });
  if (rows.empty()) throw Error(ErrorCode::kUsage, "the filters leave nothing to show");
  reports::Leaderboard board = reports::make_leaderboard(rows, options.order);
  board.warnings.insert(board.warnings.begin(), warnings.begin(), warnings.end());
  return board;
}

std::string html_report(reports::Leaderboard& board, const ReportOptions& options, ReportPageOptions page) {
  if (page.samples == 0) return reports::report_html(board, "");
  page.runs = kept_runs(options);
  page.resamples = options.resamples;
  const reports::ReportPage content = make_report_page(page, board.warnings);
  return reports::report_html(board, content.groups.empty() ? "" : reports::report_page_json(content));
}

bool stdout_takes_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace bteval::app
