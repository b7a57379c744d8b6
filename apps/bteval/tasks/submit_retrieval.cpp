#include "core/error.h"
#include "tasks/retrieval_protocol.h"
#include "tasks/score_retrieval.h"
#include "tasks/submit_tasks.h"

namespace bteval::app {

namespace fs = std::filesystem;

SubmitReport submit_retrieval_run(const FinishedRun& run, const SubmitRunOptions& options) {
  const std::string manifest = (run.folder / "manifest.json").string();
  const auto run_options = json_member<Json>(run.manifest, "options", manifest, "manifest");
  ScoreRetrievalOptions score;
  score.data.dataset = run.task;
  score.data.split = run.split;
  score.data.annotations = run_input(run, "annotations", options.questions);
  score.data.unique_captions =
      json_member<std::string>(run_options, "captions", manifest, "options") == "unique";
  score.data.with_images = false;
  score.scores = run.folder / "scores.safetensors";
  const auto protocol = json_member<std::string>(run_options, "protocol", manifest, "options");
  score.protocol = metrics::retrieval_protocol_name(eval_protocol(protocol).rule);
  score.ties = json_member<std::string>(run_options, "ties", manifest, "options");
  const fs::path prefix = options.out.empty() ? run.folder / "trec" : options.out;
  score.trec_run = prefix.string() + ".run";
  score.trec_qrels = prefix.string() + ".qrels";
  const RetrievalScoreResult result = score_retrieval(score);
  SubmitReport report;
  report.written = result.written;
  report.facts = {fmt::format("protocol {}; the best {} answers of every query", protocol, score.trec_depth)};
  report.commands = {
      "read them with trec_eval, pytrec_eval or ranx; their recall divides by the number of relevant "
      "answers and is not R@K"};
  return report;
}

}  // namespace bteval::app
