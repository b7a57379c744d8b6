// What every evaluation writes and prints at its end.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "records/run_manifest.h"
#include "records/score.h"
#include "tasks/run_directory.h"

namespace bteval::app {

/// Writes metrics.json, report.md and, last, manifest.json, and ends the journal. Then prints the score's
/// table (of its groups, those named), the signature and where the run lies, and the warnings on standard
/// error, among them that reads had to be tried again.
void finish_run(const RunDirectory& directory, const records::RunManifest& manifest,
                const std::optional<records::Score>& score, const std::string& why_no_score,
                const std::vector<std::string>& printed_groups);

/// What a run's timing counts from.
struct RunStart {
  std::time_t time = 0;          ///< by the calendar: for people, never for durations
  std::uint64_t io_retries = 0;  ///< those that the process's earlier runs have told of
};
RunStart start_run();

/// {"start", "seconds", "samples_per_second", "io_retries"} for a manifest: of the `samples` that this
/// process computed.
OrderedJson timing_json(const RunStart& start, double seconds, std::uint64_t samples);

}  // namespace bteval::app
