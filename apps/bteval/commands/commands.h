// The subcommands of bteval: each file beside this one sets up one of them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace bteval::app {

/// Parses the command line, runs the subcommand and returns the process's exit status. Errors become one line
/// on standard error.
int run_command_line(int argc, const char* const* argv);

// Each adds its subcommand to `app`. The subcommand's callback throws bteval::Error on failure.
// `command_line` is argv, for the run's manifest.
void setup_eval(CLI::App& app, std::vector<std::string> command_line);
void setup_merge(CLI::App& app);
void setup_score(CLI::App& app);
void setup_data(CLI::App& app);
void setup_submit(CLI::App& app);
void setup_report(CLI::App& app);
void setup_compare(CLI::App& app);
void setup_verify(CLI::App& app);
void setup_reproduce(CLI::App& app);
void setup_export(CLI::App& app);
void setup_inspect(CLI::App& app);
void setup_convert(CLI::App& app);
void setup_bench(CLI::App& app);
// These add a subcommand to `bteval score`.
void setup_score_vqav2(CLI::App& score);
void setup_score_nlvr2(CLI::App& score);
void setup_score_snli_ve(CLI::App& score);
void setup_score_retrieval(CLI::App& score);
// These add a subcommand to `bteval probe`.
void setup_probe_forward(CLI::App& probe);
void setup_probe_tokens(CLI::App& probe);
void setup_probe_image(CLI::App& probe);
void setup_probe_retrieval(CLI::App& probe);

}  // namespace bteval::app
