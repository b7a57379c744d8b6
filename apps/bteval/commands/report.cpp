#include "tasks/report.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "core/error.h"
#include "core/file.h"
#include "reports/leaderboard_writers.h"
#include "reports/report_html.h"

namespace bteval::app {
namespace {

constexpr std::size_t kLargePage = 50'000'000;  // bytes; browsers become slow to open what is larger

struct ReportArguments {
  ReportOptions options;
  ReportPageOptions page;
  std::string format = "text";
  std::string out;
  std::string published;
};

/// What is worth saying about the page as a file.
void print_page_notes(const ReportPageOptions& page, std::size_t bytes) {
  if (page.samples == 0) return;
  if (reports::chart_library().empty()) {
    fmt::print(stderr,
               "bteval: built without Chart.js: the page shows the numbers of its charts as tables\n");
  }
  if (bytes > kLargePage) {
    fmt::print(
        stderr,
        "bteval: warning: the page has {} MB; fewer --samples (now {}), smaller --thumbnails (now {} pixels; "
        "0: none) or --samples-from wrong or flips make it smaller\n",
        bytes / 1'000'000, page.samples, page.thumbnail_px);
  }
}

void run(const ReportArguments& arguments) {
  reports::Leaderboard board = make_report(arguments.options);
  const bool to_file = !arguments.out.empty();
  const bool is_page = arguments.format == "html";
  const std::string text =
      is_page ? html_report(board, arguments.options, arguments.page)
              : reports::write_leaderboard(board, arguments.format, !to_file && stdout_takes_colour());
  if (is_page) print_page_notes(arguments.page, text.size());
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
  command.add_flag("--calibration", options.calibration,
                   "Show ECE and accuracy at 80 and 90 % coverage, where samples have confidences");
  ReportPageOptions& page = arguments->page;
  command
      .add_option("--samples", page.samples,
                  "HTML: samples to browse of each group of runs; 0: the leaderboard alone, without scripts")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  command
      .add_option("--samples-from", page.from,
                  "HTML: all, wrong (value below 0.5 in some run) or flips (runs differ)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, SampleChoice>{
          {"all", SampleChoice::kAll}, {"wrong", SampleChoice::kWrong}, {"flips", SampleChoice::kFlips}}));
  command
      .add_option("--thumbnails", page.thumbnail_px,
                  "HTML: longer side of the samples' pictures in pixels; 0: none")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_option("--data", page.data,
                     "HTML: folder with the images, where they have moved since the run");
  command.callback([arguments, &published] {
    if (published.count() > 0) arguments->options.published = arguments->published;
    run(*arguments);
  });
}

}  // namespace bteval::app
