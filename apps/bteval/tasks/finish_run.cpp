#include "tasks/finish_run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/error.h"
#include "core/io_retry.h"
#include "reports/manifest.h"
#include "reports/run_report.h"
#include "reports/score_json.h"
#include "reports/table.h"

namespace bteval::app {
namespace {

// Runs of a suite follow each other in one process.
std::uint64_t told_io_retries = 0;

}  // namespace

void finish_run(const RunDirectory& directory, const records::RunManifest& manifest,
                const std::optional<records::Score>& score, const std::string& why_no_score,
                const std::vector<std::string>& printed_groups) {
  OrderedJson metrics = {
      {"schema", 1}, {"task", manifest.task}, {"split", manifest.split}, {"signature", manifest.signature}};
  metrics["score"] = score ? reports::score_to_json(*score) : OrderedJson();
  if (!score) metrics["why_no_score"] = why_no_score;
  directory.write_json("metrics.json", metrics);
  directory.write("report.md", reports::run_report_markdown(manifest, score, why_no_score));
  OrderedJson document = reports::manifest_to_json(manifest);
  document["outputs"] = directory.outputs();
  directory.write_json("manifest.json", document);
  directory.finish();

  if (score) fmt::print("{}", reports::to_text(reports::score_to_table(*score, printed_groups)));
  if (!score) fmt::print("no score: {}\n", why_no_score);
  fmt::print("{}\nwritten to {}\n", manifest.signature, printable(directory.path().string(), 4096));
  for (const std::string& warning : manifest.warnings) fmt::print(stderr, "bteval: warning: {}\n", warning);
  if (const auto retries = manifest.timing.value("io_retries", std::uint64_t{0}); retries > 0) {
    fmt::print(stderr, "bteval: warning: {} reads failed at first and succeeded when they were tried again\n",
               retries);
  }
  if (const auto times = manifest.timing.value("smaller_passes", std::uint64_t{0}); times > 0) {
    fmt::print(stderr,
               "bteval: warning: memory did not suffice: passes were halved {} times, see --batch-size\n",
               times);
  }
}

RunStart start_run() { return {std::time(nullptr), told_io_retries}; }

OrderedJson timing_json(const RunStart& start, double seconds, std::uint64_t samples) {
  return {{"start", fmt::format("{:%FT%TZ}", fmt::gmtime(start.time))},
          {"seconds", seconds},
          {"samples_per_second", samples == 0 ? 0 : static_cast<double>(samples) / seconds},
          {"io_retries", (told_io_retries = io_retries_that_helped()) - start.io_retries}};
}

}  // namespace bteval::app
