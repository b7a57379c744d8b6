#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "tasks/shard.h"

namespace bteval::app {
namespace {

void run(const MergeOptions& options) {
  const std::vector<std::string> command = merge_shards(options);
  std::vector<const char*> argv;
  for (const std::string& word : command) argv.push_back(word.c_str());
  const int status = run_command_line(static_cast<int>(argv.size()), argv.data());
  if (status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void setup_merge(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("merge", "Join the shards of an evaluation (eval --shard) and finish it");
  const auto options = std::make_shared<MergeOptions>();
  command.add_option("runs", options->runs, "Run directories of all shards, in any order")->required();
  command.add_option("-o,--out", options->out, "Run directory to write")->required();
  command.add_option("-d,--data", options->data, "Root of the data set, where it lies elsewhere now");
  command.add_option("-m,--model", options->model, "The checkpoint, likewise");
  command.add_option("--tokenizer", options->tokenizer, "The tokenizer's folder, likewise");
  command.add_option("--vocabulary", options->vocabulary, "The list of answers, likewise");
  command.callback([options] { run(*options); });
}

}  // namespace bteval::app
