#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "core/error.h"
#include "core/file.h"
#include "datasets/data_layout.h"
#include "tasks/data_check.h"

namespace bteval::app {
namespace {

struct CheckArguments {
  datasets::DataCheckOptions options;
  std::string images = "header";
  std::string json;
  std::size_t examples = 5;
};

void run_check(CheckArguments& arguments) {
  arguments.options.depth = datasets::image_depth(arguments.images);
  const datasets::DataCheck check = app::check_data(arguments.options);
  if (!arguments.json.empty()) write_file_atomic(arguments.json, to_json(check).dump(2) + "\n");
  fmt::print("{}", to_text(check, arguments.examples));
  std::fflush(stdout);
  const std::uint64_t errors = check.count(datasets::Severity::kError);
  if (errors > 0) {
    throw Error(ErrorCode::kData, fmt::format("the check found {} errors", errors),
                {arguments.options.root.string(), "", std::nullopt});
  }
}

void setup_check(CLI::App& data) {
  auto arguments = std::make_shared<CheckArguments>();
  datasets::DataCheckOptions& options = arguments->options;
  CLI::App& command = *data.add_subcommand(
      "check", "Find what is missing, broken or contradicting before an evaluation does");
  command.add_option("task", options.task, "vqav2, nlvr2, snli-ve, flickr30k or coco")->required();
  command.add_option("--data", options.root, "Folder of the data set")->required();
  command.add_option("--split", options.splits,
                     "Split to check; may be repeated (default: all that are there)");
  command
      .add_option("--images", arguments->images,
                  "How closely images are looked at: header (both ends), hash (also for equal content) or "
                  "decode (also every pixel)")
      ->capture_default_str();
  command.add_option("--examples", arguments->examples, "How many findings of a kind are printed")
      ->capture_default_str();
  command.add_option("--json", arguments->json, "Write everything that was found to this file");
  command.add_option("--threads", options.threads, "0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.footer("Exit status: 0 without errors (warnings do not count), 3 with errors.");
  command.callback([arguments] { run_check(*arguments); });
}

void setup_layout(CLI::App& data) {
  auto task = std::make_shared<std::string>();
  CLI::App& command = *data.add_subcommand(
      "layout", "Print where each file of a data set is expected, and where it is published");
  command.add_option("task", *task, "vqav2, nlvr2, snli-ve, flickr30k or coco")->required();
  command.callback([task] { fmt::print("{}", datasets::data_layout(*task)); });
}

}  // namespace

void setup_data(CLI::App& app) {
  CLI::App& data = *app.add_subcommand("data", "Check data sets, and print how they are laid out");
  data.require_subcommand(1);
  setup_check(data);
  setup_layout(data);
}

}  // namespace bteval::app
