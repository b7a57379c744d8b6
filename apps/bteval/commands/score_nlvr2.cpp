#include "tasks/score_nlvr2.h"

#include <memory>
#include <string>

#include "commands/commands.h"

namespace bteval::app {

void setup_score_nlvr2(CLI::App& score) {
  struct Arguments {
    ScoreNlvr2Options options;
    std::string json;
  };
  auto arguments = std::make_shared<Arguments>();
  ScoreNlvr2Options& options = arguments->options;
  CLI::App& command = *score.add_subcommand("nlvr2", "NLVR2 accuracy and consistency of predictions");
  command.add_option("--annotations", options.annotations, "Annotation file: dev.json, test1.json, …")
      ->required();
  command.add_option("--balanced", options.balanced, "Score this subset, too: balanced_dev.json");
  command.add_option("--unbalanced", options.unbalanced, "Score this subset, too: unbalanced_dev.json");
  command.add_option("--categories", options.categories,
                     "Score reasoning categories, too: lines identifier,category, or JSON");
  command
      .add_option("--predictions", options.predictions,
                  "Lines identifier,True or identifier,False, or predictions.jsonl of a run")
      ->required();
  command.add_flag("--allow-partial", options.allow_partial,
                   "Score the examples that have a prediction; the signature says so");
  command.add_option("--json", arguments->json, "Write score, counts and files' digests to this file");
  command.callback([arguments] {
    const ScoreResult result = score_nlvr2(arguments->options);
    report_score(result, arguments->json, official_nlvr2_lines(result.score));
  });
}

}  // namespace bteval::app
