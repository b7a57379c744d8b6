#include "tasks/score_retrieval.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands/commands.h"
#include "core/file.h"
#include "reports/retrieval_table.h"

namespace bteval::app {
namespace {

struct ScoreRetrievalArguments {
  ScoreRetrievalOptions options;
  std::string json;
};

void run_retrieval(const ScoreRetrievalArguments& arguments) {
  const RetrievalScoreResult result = score_retrieval(arguments.options);
  if (!arguments.json.empty()) write_file_atomic(arguments.json, to_json(result).dump(2) + "\n");

  fmt::print("{}\n", reports::to_text(reports::retrieval_table(result.score)));
  const datasets::RetrievalCounts& counts = result.counts;
  fmt::print("{} images, {} captions", counts.images, counts.captions);
  if (result.pairs > 0) fmt::print(", {} candidate pairs", result.pairs);
  fmt::print("\n");
  if (counts.dropped > 0) {
    fmt::print("{} captions that an earlier one of their image equals were dropped\n", counts.dropped);
  }
  for (const auto& path : result.written) fmt::print("wrote {}\n", path.string());
  fmt::print("{}\n", result.signature);
}

}  // namespace

void setup_score_retrieval(CLI::App& score) {
  auto arguments = std::make_shared<ScoreRetrievalArguments>();
  ScoreRetrievalOptions& options = arguments->options;
  CLI::App& command =
      *score.add_subcommand("retrieval", "Recalls of image-caption retrieval, from scores of pairs");
  command.add_option("--dataset", options.data.dataset, "flickr30k or coco")->required();
  auto* annotations = command.add_option("--annotations", options.data.annotations,
                                         "Captions: dataset_coco.json (Karpathy), coco_karpathy_test.json "
                                         "(ALBEF, BLIP) or captions_val2017.json (COCO)");
  auto* root =
      command.add_option("--data", options.data.root, "Folder in which the annotations are searched");
  annotations->excludes(root);
  command.add_option("--split", options.data.split, "train, restval, val, test; several joined by '+'")
      ->capture_default_str();
  command
      .add_option(
          "--scores", options.scores,
          "A run's folder or its scores.safetensors; or a matrix images x captions: safetensors, .npy, raw "
          "float32")
      ->required();
  command.add_flag("--transposed", options.transposed, "The matrix is captions x images");
  command.add_option(
      "--protocol", options.protocol,
      "itm, albef, blip, itc or dense; default: what the scores offer first, in the order itm, "
      "dense, itc");
  command.add_option("--ties", options.ties, "id, optimistic or pessimistic")->capture_default_str();
  command.add_option("--folds", options.folds, "5k: all images; 1k: mean over folds of 1,000; both")
      ->capture_default_str();
  command.add_option("--fold-images", options.fold.fold_images, "Images of a fold")->capture_default_str();
  command.add_option("--fold-count", options.fold.folds, "Number of folds")->capture_default_str();
  command.add_flag("--unique-captions", options.data.unique_captions,
                   "Drop captions that an earlier one of the same image equals");
  command.add_option("--json", arguments->json, "Write score, counts and files' digests to this file");
  command.add_option("--trec-run", options.trec_run,
                     "Write TREC runs of both directions: run.txt becomes run.tr.txt and run.ir.txt");
  command.add_option("--trec-qrels", options.trec_qrels, "Write the relevance files, named likewise");
  command.add_option("--trec-depth", options.trec_depth, "Answers a query in the runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000'000));
  command.callback([arguments] {
    const datasets::RetrievalOptions& data = arguments->options.data;
    if (data.annotations.empty() && data.root.empty()) {
      throw Error(ErrorCode::kUsage, "name the captions: --annotations FILE or --data FOLDER");
    }
    run_retrieval(*arguments);
  });
}

}  // namespace bteval::app
