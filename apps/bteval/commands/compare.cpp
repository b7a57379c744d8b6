#include "tasks/compare.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "core/file.h"
#include "tasks/compare_output.h"

namespace bteval::app {
namespace {

struct CompareArguments {
  CompareOptions options;
  std::string json, markdown;
  bool calibration = false;
};

void run_compare(const CompareArguments& arguments) {
  const Comparison comparison = compare_runs(arguments.options);
  if (!arguments.json.empty()) {
    write_file_atomic(
        arguments.json,
        comparison_json(comparison).dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
  }
  if (!arguments.markdown.empty())
    write_file_atomic(arguments.markdown, comparison_markdown(comparison, arguments.calibration));
  fmt::print("{}", comparison_text(comparison, arguments.calibration));
  for (const std::string& warning : comparison.warnings)
    fmt::print(stderr, "bteval: warning: not comparable: {}\n", printable(warning, 1000));
}

}  // namespace

void setup_compare(CLI::App& app) {
  auto arguments = std::make_shared<CompareArguments>();
  CompareOptions& options = arguments->options;
  CLI::App& command = *app.add_subcommand("compare", "Differences between runs, and how sure they are");
  command.add_option("runs", options.runs, "Run directories; the first one is the reference")
      ->required()
      ->expected(2, 1000);
  command.add_option("--reference", options.reference, "Another run as the reference, by folder or name");
  command.add_option("--name", options.names, "A run's name in the tables, once a run")
      ->take_all()
      ->expected(1);
  command.add_option("--by", options.by, "Compute effects by this slice only; may be repeated")
      ->take_all()
      ->expected(1);
  command.add_option("--resamples", options.resamples, "Resamples of bootstrap and randomisation")
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Seed of the resamples")->capture_default_str();
  command.add_option("--alpha", options.alpha, "Level of stars, intervals and detectable difference")
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Threads; 0: one a core")->capture_default_str();
  command.add_option("--json", arguments->json, "Write everything to this file");
  command.add_option("--markdown", arguments->markdown, "Write the tables to this file");
  command.add_option("--flips", options.flips, "Write the samples that flipped to this file, as JSON lines");
  command.add_flag("--calibration", arguments->calibration,
                   "Show calibration and accuracy at coverage, where runs have confidences");
  command.add_flag("--force", options.force, "Compare what is not comparable");
  command.callback([arguments] { run_compare(*arguments); });
}

}  // namespace bteval::app
