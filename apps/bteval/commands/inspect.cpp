// `bteval inspect MODEL`: what a checkpoint is.
#include <cstdio>
#include <memory>

#include "commands/commands.h"
#include "tasks/inspect_checkpoint.h"

namespace bteval::app {

void setup_inspect(CLI::App& app) {
  struct Options : InspectOptions {
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand("inspect",
                                          "Print what a checkpoint is: architecture, family, sizes, heads, "
                                          "dtypes, sha256, and what of it is not used");
  command.add_option("model", options->model, "Weight file, index of shards, or Hugging Face folder")
      ->required();
  command.add_option("--config", options->config, "config.json that overrides the one beside the weights");
  command.add_flag("--json", options->json, "Print JSON");
  command.callback([options] {
    const Inspection inspection = inspect_checkpoint(*options);
    if (options->json) {
      fmt::print("{}\n", inspection.report.dump(2, ' ', false, OrderedJson::error_handler_t::replace));
    } else {
      fmt::print("{}", inspection_text(inspection.report));
    }
    std::fflush(stdout);
    if (inspection.fault) throw *inspection.fault;
  });
}

}  // namespace bteval::app
