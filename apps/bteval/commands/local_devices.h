// `bteval eval --devices`: one process a device, without a launcher.
#pragma once

#include <cstdint>
#include <string>

#include "tasks/command_words.h"
#include "tasks/eval_options.h"

namespace bteval::app {

/// "0,1" → "cuda:0", "cuda:1"; "cpu,cpu" as it is. Error(kUsage) for anything else.
Words parse_device_list(const std::string& text);

/// Runs the command line once for each device, as ranks of one world, and returns rank 0's exit status.
int run_on_devices(const Words& command, const Words& devices);

/// Proves for the evaluation that `eval` asks for that processes change no bit and half the batch size no
/// answer (tasks/prove_invariance.h), with 1 and `processes` processes (0: one a device, at least 2) on
/// `devices` in turn, on 200 samples where there is no --limit and it is no retrieval. Throws
/// CLI::RuntimeError(kVaries) where it does not hold.
void prove_on_devices(const EvalOptions& eval, bool is_suite, const Words& devices, std::uint32_t processes);

/// Exit status of a proof that fails.
inline constexpr int kVaries = 8;

}  // namespace bteval::app
