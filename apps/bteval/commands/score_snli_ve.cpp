#include "tasks/score_snli_ve.h"

#include <memory>
#include <string>

#include "commands/commands.h"

namespace bteval::app {

void setup_score_snli_ve(CLI::App& score) {
  struct Arguments {
    ScoreSnliVeOptions options;
    std::string json;
  };
  auto arguments = std::make_shared<Arguments>();
  ScoreSnliVeOptions& options = arguments->options;
  CLI::App& command = *score.add_subcommand("snli-ve", "SNLI-VE accuracy of predictions, by class");
  command.add_option("--annotations", options.annotations, "Annotation file: snli_ve_test.jsonl")->required();
  command
      .add_option("--predictions", options.predictions,
                  "JSON lines {\"pairID\", \"prediction\"}, or predictions.jsonl of a run")
      ->required();
  command.add_flag("--allow-partial", options.allow_partial,
                   "Score the pairs that have a prediction; the signature says so");
  command.add_option("--json", arguments->json, "Write score, counts and files' digests to this file");
  command.callback([arguments] { report_score(score_snli_ve(arguments->options), arguments->json); });
}

}  // namespace bteval::app
