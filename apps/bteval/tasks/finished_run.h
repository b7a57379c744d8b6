// A run directory that somebody reads again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::app {

struct FinishedRun {
  std::filesystem::path folder;
  std::string task, split;
  Json manifest;
};

/// Reads manifest.json. Error(kData) where the folder holds no finished run, or one of a layout that this
/// version does not know.
FinishedRun open_finished_run(const std::filesystem::path& folder);

/// Ids of the samples that the run has left out of its score (--on-bad-image exclude), in their order.
std::vector<std::string> excluded_samples(const FinishedRun& run);

/// What a run is called beside others: its folder's name.
std::string run_name(const std::filesystem::path& folder);

/// The file that the run has read in this role ("questions", "annotations"), or `otherwise` where that is not
/// empty. Error(kData) where its digest is not the run's, or the file is not there any more.
std::filesystem::path run_input(const FinishedRun& run, const std::string& role,
                                const std::filesystem::path& otherwise);

}  // namespace bteval::app
