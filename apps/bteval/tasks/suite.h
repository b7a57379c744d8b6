// A suite: several evaluations with their data and checkpoints in one folder, such as assets/mini.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tasks/eval_options.h"

namespace bteval::app {

/// The folders that files coming with bteval are looked for in: $BTEVAL_ASSETS, share/bteval/assets beside
/// the program's folder, assets/ above the program, and the source tree that it was built from.
std::vector<std::filesystem::path> asset_folders();

/// Finds "mini" among the installed suites, or opens the folder or suite.json that `name` is a path of. A
/// named suite is looked for in $BTEVAL_ASSETS, in assets/ above the program, and in the source tree that it
/// was built from. Error(kUsage) listing the places.
std::filesystem::path find_suite(const std::string& name);

/// The evaluations of a suite, in its order. `common` gives device, dtype, threads and limits; data, model
/// and what belongs to them come from the suite; each run is written to common.out/<name>. Error(kData) where
/// suite.json is malformed.
std::vector<EvalOptions> suite_entries(const std::filesystem::path& suite_json, const EvalOptions& common);

}  // namespace bteval::app
