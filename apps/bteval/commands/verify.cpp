#include "tasks/verify.h"

#include <fmt/format.h>

#include <memory>

#include "commands/commands.h"
#include "core/error.h"
#include "reports/table.h"

namespace bteval::app {
namespace {

void verify(const VerifyOptions& options) {
  const VerifyReport report = verify_run(options);
  reports::Table table{{{"what"}, {"verdict"}, {""}}, {}};
  for (const VerifyItem& item : report.items)
    table.rows.push_back({item.what, verdict_name(item.verdict), item.detail});
  const std::size_t differ = report.count(Verdict::kDiffers), open = report.count(Verdict::kNotChecked);
  fmt::print("{}\n{} match, {} differ, {} not checked\n", reports::to_text(table),
             report.count(Verdict::kMatches), differ, open);
  if (differ > 0) {
    throw Error(ErrorCode::kData,
                fmt::format("{} of {} checks found a difference", differ, report.items.size()),
                {options.run.string(), "", std::nullopt});
  }
}

}  // namespace

void setup_verify(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "verify", "Check a run directory: digests of inputs and outputs, score, submission, identity");
  const auto options = std::make_shared<VerifyOptions>();
  command.add_option("run", options->run, "Run directory of bteval eval")->required();
  command.add_option("-d,--data", options->data, "Folder that holds the run's data files now");
  command.add_option("-m,--model", options->model, "The run's checkpoint, where it lies elsewhere now");
  command.add_option("--tokenizer", options->tokenizer, "The tokenizer's folder, likewise");
  command.callback([options] { verify(*options); });
}

void setup_reproduce(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("reproduce", "Print the command that made a run");
  const auto run = std::make_shared<std::string>();
  command.add_option("run", *run, "Run directory of bteval eval")->required();
  command.callback([run] {
    const Reproduction result = reproduce_run(*run);
    for (const std::string& warning : result.warnings) fmt::print(stderr, "bteval: warning: {}\n", warning);
    fmt::print("{}\n", result.command);
  });
}

}  // namespace bteval::app
