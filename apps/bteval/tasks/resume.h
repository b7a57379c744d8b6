// Runs that stop in the middle and go on, and finished ones that need not be done again.
#pragma once

#include <cstdint>
#include <optional>

#include "records/run_manifest.h"
#include "tasks/eval.h"
#include "tasks/run_directory.h"

namespace bteval::app {

/// On standard error: "going on with an interrupted run: 12 work units are done".
void print_resumed(std::uint64_t done, const char* parts);

/// Throws Error(kInterrupted) that says how far the run is and that the same command goes on.
[[noreturn]] void throw_interrupted(std::uint64_t done, const char* parts);

/// The result of the finished run in the directory, without its score, where EvalOptions::keep_finished asks
/// for it and the run is whole; says so on standard output.
std::optional<EvalResult> kept_result(const RunDirectory& directory, const EvalOptions& options,
                                      const records::RunManifest& manifest);

}  // namespace bteval::app
