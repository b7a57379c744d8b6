#include "tasks/report_page.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "reports/leaderboard.h"
#include "tasks/compare_checks.h"
#include "tasks/compare_samples.h"
#include "tasks/finished_run.h"
#include "tasks/report_page_charts.h"
#include "tasks/report_page_samples.h"
#include "tasks/report_page_thumbnails.h"
#include "tasks/report_rows.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

/// How many samples of its split a run was asked for; 0: all.
Json limit_of(const FinishedRun& run) {
  return run.manifest.value("options", Json::object()).value("limit", Json(0));
}

bool belong_together(const FinishedRun& a, const FinishedRun& b) {
  return comparability_problems(a, b).empty() && limit_of(a) == limit_of(b);
}

using RunGroup = std::vector<FinishedRun>;

/// Runs that have samples, grouped; groups of one task behind each other.
std::vector<RunGroup> group_runs(const std::vector<fs::path>& folders, std::vector<std::string>& warnings) {
  std::vector<RunGroup> groups;
  for (const fs::path& folder : folders) {
    FinishedRun run = open_finished_run(folder);
    if (!fs::exists(folder / "samples.jsonl")) {
      warnings.push_back(fmt::format(
          "{}: there is no samples.jsonl, so that it has neither charts nor samples", run_name(folder)));
      continue;
    }
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const RunGroup& group) {
      return belong_together(group.front(), run);
    });
    if (same != groups.end()) {
      same->push_back(std::move(run));
      continue;
    }
    const auto last = std::find_if(groups.rbegin(), groups.rend(),
                                   [&](const RunGroup& group) { return group.front().task == run.task; });
    groups.emplace(last == groups.rend() ? groups.end() : last.base())->push_back(std::move(run));
  }
  return groups;
}

/// Folders' names; whole paths where names are equal.
std::vector<std::string> names_of(const RunGroup& runs) {
  std::map<std::string, int> known;
  for (const FinishedRun& run : runs) ++known[run_name(run.folder)];
  std::vector<std::string> names;
  for (const FinishedRun& run : runs) {
    const std::string name = run_name(run.folder);
    names.push_back(known[name] == 1 ? name : run.folder.string());
  }
  return names;
}

std::string title_of(const FinishedRun& run) {
  std::string title = reports::task_title(run.task) + " " + published_split_name(run.task, run.split);
  const Json limit = limit_of(run);
  if (limit.is_number_integer() && limit.get<std::int64_t>() > 0)
    title += fmt::format(", first {} samples", limit.get<std::int64_t>());
  if (const auto excluded = excluded_samples(run).size(); excluded > 0)
    title += fmt::format(", {} samples excluded", excluded);
  return title;
}

/// Groups of one task and split, of other annotations or another scorer, are told apart by their runs.
void tell_apart(std::vector<reports::PageGroup>& groups) {
  std::map<std::string, int> known;
  for (const auto& group : groups) ++known[group.title];
  for (auto& group : groups) {
    if (known[group.title] < 2) continue;
    group.title += fmt::format(" ({}{})", group.runs.front(), group.runs.size() > 1 ? ", …" : "");
  }
}

}  // namespace

reports::ReportPage make_report_page(const ReportPageOptions& options, std::vector<std::string>& warnings) {
  reports::ReportPage page;
  PageImages images;
  for (const RunGroup& runs : group_runs(options.runs, warnings)) {
    const ComparedSamples samples = read_compared_samples(runs, options.threads);
    warnings.insert(warnings.end(), samples.differences.begin(), samples.differences.end());
    if (samples.samples() == 0) {
      warnings.push_back(fmt::format("{}: no sample that all runs have", title_of(runs.front())));
      continue;
    }
    reports::PageGroup& group = page.groups.emplace_back();
    group.title = title_of(runs.front());
    group.task = runs.front().task;
    group.split = runs.front().split;
    group.total = samples.samples();
    group.runs = names_of(runs);
    group.charts = page_charts(group.task, samples, group.runs, options.resamples, options.threads);
    const ChosenSamples chosen = choose_samples(samples, options.from, options.samples, options.threads);
    group.selection = chosen.description;
    add_page_samples(runs, samples, chosen.indices, options.threads, images, group);
  }
  tell_apart(page.groups);
  page.thumbnails =
      make_thumbnails(images.paths(), options.thumbnail_px, options.data, options.threads, warnings);
  return page;
}

}  // namespace bteval::app
