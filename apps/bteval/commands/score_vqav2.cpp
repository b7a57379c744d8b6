#include "tasks/score_vqav2.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "core/file.h"
#include "reports/score_json.h"
#include "reports/table.h"

namespace bteval::app {
namespace {

struct ScoreVqav2Arguments {
  ScoreVqav2Options options;
  std::string json;
  std::string per_question;
  bool by_question_type = false;
};

void run_vqav2(const ScoreVqav2Arguments& arguments) {
  const Vqav2ScoreResult result = score_vqav2(arguments.options);
  if (!arguments.json.empty()) write_file_atomic(arguments.json, to_json(result).dump(2) + "\n");
  if (!arguments.per_question.empty()) write_file_atomic(arguments.per_question, per_question_json(result));

  std::vector<std::string> groups = {"by answer type"};
  if (arguments.by_question_type) groups.push_back("by question type");
  fmt::print("{}\n", reports::to_text(reports::score_to_table(result.score, groups)));
  if (result.missing > 0) {
    fmt::print("{} of {} questions have no prediction and do not count\n", result.missing, result.questions);
  }
  if (result.unknown > 0) fmt::print("{} predictions are for unknown questions\n", result.unknown);
  if (result.excluded > 0) {
    fmt::print("{} questions have no answer in the vocabulary and do not count\n", result.excluded);
  }
  fmt::print("{}\n", result.signature);
}

}  // namespace

void setup_score_vqav2(CLI::App& score) {
  auto arguments = std::make_shared<ScoreVqav2Arguments>();
  ScoreVqav2Options& options = arguments->options;
  CLI::App& command = *score.add_subcommand("vqav2", "VQA accuracy of a result file");
  command
      .add_option("--questions", options.questions,
                  "Question file: v2_OpenEnded_mscoco_val2014_questions.json")
      ->required();
  command
      .add_option("--annotations", options.annotations, "Annotation file: v2_mscoco_val2014_annotations.json")
      ->required();
  command
      .add_option("--predictions", options.predictions, "Official result file, or predictions.jsonl of a run")
      ->required();
  command.add_option("--scorer", options.scorer, "official-2021, pre-2021 or label-score")
      ->capture_default_str();
  command.add_option("--vocabulary", options.vocabulary,
                     "Answers of the model in label order, for label-score");
  command.add_flag("--allow-partial", options.allow_partial,
                   "Score the questions that have a prediction; the signature says so");
  command.add_option("--json", arguments->json, "Write score, counts and files' digests to this file");
  command.add_option("--per-question", arguments->per_question, "Write each question's score to this file");
  command.add_flag("-v,--by-question-type", arguments->by_question_type, "Show the question types, too");
  command.callback([arguments] { run_vqav2(*arguments); });
}

}  // namespace bteval::app
