#include "tasks/report.h"

#include <fmt/format.h>

#include <memory>

#include "commands/commands.h"
#include "core/error.h"
#include "core/file.h"
#include "reports/leaderboard_writers.h"

namespace bteval::app {
namespace {

struct ReportArguments {
  ReportOptions options;
  std::string format = "text";
  std::string out;
  std::string published;
};

void run(const ReportArguments& arguments) {
  const reports::Leaderboard board = make_report(arguments.options);
  const bool to_file = !arguments.out.empty();
  const std::string text =
      reports::write_leaderboard(board, arguments.format, !to_file && stdout_takes_colour());
  if (!to_file) {
    fmt::print("{}", text);
    return;
  }
  write_file_atomic(arguments.out, text);
  fmt::print("written to {}\n", printable(arguments.out, 4096));
  for (const std::string& warning : board.warnings)
    fmt::print(stderr, "bteval: warning: {}\n", printable(warning, 4096));
}

}  // namespace

void setup_report(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("report", "One leaderboard over runs and published results");
  const auto arguments = std::make_shared<ReportArguments>();
  ReportOptions& options = arguments->options;
  command.add_option("runs", options.runs, "Run directories of bteval eval");
  command.add_option("--suite-dir", options.suite_dir, "Every run directory in this folder");
  command.add_option("-f,--format", arguments->format, "text, markdown, latex, csv, json or html")
      ->check(CLI::IsMember({"text", "markdown", "latex", "csv", "json", "html"}))
      ->capture_default_str();
  command.add_option("-o,--out", arguments->out, "File to write (default: standard output)");
  command.add_option("--sort", options.order.sort,
                     "Column to sort by: name, overall, test-dev/overall, parameters, throughput, … "
                     "(default: the first score)");
  command.add_flag("--reverse", options.order.reverse, "The other way round");
  command.add_option("--filter", options.filter,
                     "Only these rows: KEY=TEXT,… with task, name, model, setting, source or origin as KEY");
  CLI::Option& published =
      *command.add_flag("--published{}", arguments->published,
                        "Show published results of the runs' tasks, too; --published=KEY=TEXT,… only these");
  command
      .add_option("--resamples", options.resamples,
                  "Resamples of the bootstrap that gives 95 % intervals; 0: no intervals")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command.callback([arguments, &published] {
    if (published.count() > 0) arguments->options.published = arguments->published;
    run(*arguments);
  });
}

}  // namespace bteval::app
