#include <optional>

#include "core/error.h"
#include "reports/score_json.h"
#include "tasks/retrieval_protocol.h"
#include "tasks/score_nlvr2.h"
#include "tasks/score_retrieval.h"
#include "tasks/score_snli_ve.h"
#include "tasks/score_vqav2.h"
#include "tasks/verify_parts.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

template <typename T>
T option(const FinishedRun& run, const char* name, T otherwise) {
  const Json options = run.manifest.value("options", Json::object());
  const Json value = options.value(name, Json());
  return value.is_null() ? otherwise : value.get<T>();
}

std::uint64_t limit_of(const FinishedRun& run) { return option<std::uint64_t>(run, "limit", 0); }

/// Samples that a run left out are no fault; those that it refused count as wrong, or are left out, too.
template <typename Options>
void set_partial(const FinishedRun& run, Options& options) {
  const std::uint64_t limit = limit_of(run), refused = refused_samples(run);
  options.allow_partial = limit > 0 || refused > 0;
  if (refused > 0 && excluded_samples(run).empty())
    options.wrong_where_missing = limit > 0 ? limit : UINT64_MAX;
}

fs::path optional_input(const FoundInputs& inputs, const char* role) {
  const auto found = inputs.find(role);
  return found == inputs.end() ? fs::path() : found->second;
}

records::Score score_vqav2_run(const FinishedRun& run, const FoundInputs& inputs) {
  ScoreVqav2Options options;
  options.questions = inputs.at("questions");
  options.annotations = inputs.at("annotations");
  options.predictions = run.folder / "predictions.jsonl";
  options.scorer = option<std::string>(run, "scorer", options.scorer);
  if (options.scorer == "label-score") options.vocabulary = optional_input(inputs, "vocabulary");
  set_partial(run, options);
  return score_vqav2(options).score;
}

records::Score score_nlvr2_run(const FinishedRun& run, const FoundInputs& inputs) {
  ScoreNlvr2Options options;
  options.annotations = inputs.at("annotations");
  options.balanced = optional_input(inputs, "balanced");
  options.unbalanced = optional_input(inputs, "unbalanced");
  options.categories = optional_input(inputs, "categories");
  options.predictions = run.folder / "predictions.jsonl";
  set_partial(run, options);
  return score_nlvr2(options).score;
}

records::Score score_snli_ve_run(const FinishedRun& run, const FoundInputs& inputs) {
  ScoreSnliVeOptions options;
  options.annotations = inputs.at("annotations");
  options.predictions = run.folder / "predictions.jsonl";
  set_partial(run, options);
  return score_snli_ve(options).score;
}

records::Score score_retrieval_run(const FinishedRun& run, const FoundInputs& inputs) {
  ScoreRetrievalOptions options;
  options.data.dataset = run.task;
  options.data.annotations = inputs.at("annotations");
  options.data.split = run.split;
  options.data.unique_captions = option<std::string>(run, "captions", "all") == "unique";
  options.scores = run.folder / "scores.safetensors";
  const EvalProtocol& protocol = eval_protocol(option<std::string>(run, "protocol", "itm"));
  options.protocol = metrics::retrieval_protocol_name(protocol.rule);
  options.ties = option<std::string>(run, "ties", options.ties);
  options.folds = option<std::string>(run, "folds", options.folds);
  if (const auto fold = option<std::string>(run, "fold", ""); !fold.empty()) {
    try {
      options.fold = fold_of(fold);
    } catch (const Error& error) {
      throw error.with_context({(run.folder / "manifest.json").string(), "options", std::nullopt});
    }
  }
  return score_retrieval(options).score;
}

std::string overall_of(const Json& score) {
  const Json overall = score.value("overall", Json::object());
  return overall.is_object() ? overall.value("value", Json()).dump() : "nothing";
}

void compare(const FinishedRun& run, const FoundInputs& inputs, VerifyItem& item) {
  const bool is_retrieval = run.task == "flickr30k" || run.task == "coco";
  const records::Score score = run.task == "vqav2"     ? score_vqav2_run(run, inputs)
                               : run.task == "nlvr2"   ? score_nlvr2_run(run, inputs)
                               : run.task == "snli-ve" ? score_snli_ve_run(run, inputs)
                               : is_retrieval          ? score_retrieval_run(run, inputs)
                                              : throw Error(ErrorCode::kData, "is a run of an unknown task",
                                                            {run.folder.string(), run.task, std::nullopt});
  const Json again = Json::parse(reports::score_to_json(score).dump());
  const Json written = Json(read_metrics(run)).value("score", Json());
  if (again == written) return;
  item.verdict = Verdict::kDiffers;
  item.detail = overall_of(again) == overall_of(written)
                    ? "the predictions give other numbers than metrics.json, overall the same"
                    : fmt::format("the predictions give {}, metrics.json says {}", overall_of(again),
                                  overall_of(written));
}

}  // namespace

std::uint64_t refused_samples(const FinishedRun& run) {
  const Json refused = run.manifest.value("refused", Json::array());
  return refused.is_array() ? refused.size() : 0;
}

void verify_score(const FinishedRun& run, const FoundInputs& inputs, VerifyReport& report) {
  VerifyItem item{"score from predictions", Verdict::kMatches, ""};
  const OrderedJson metrics = read_metrics(run);
  const bool scored = metrics.contains("score") && metrics["score"].is_object();
  const bool has_annotations = inputs.contains("annotations");
  if (!scored && (!has_annotations || metrics.contains("why_no_score"))) return;
  if (!has_annotations || (run.task == "vqav2" && !inputs.contains("questions"))) {
    item.verdict = Verdict::kNotChecked;
    item.detail = "needs the files that the run has read";
  } else if (inputs.at("annotations").extension() == ".arrow") {
    item.verdict = Verdict::kNotChecked;
    item.detail = "the run has read Arrow tables, which bteval score does not";
  } else {
    try {
      compare(run, inputs, item);
    } catch (const Error& error) {
      item.verdict = Verdict::kDiffers;
      item.detail = error.what();
    }
  }
  report.items.push_back(std::move(item));
}

}  // namespace bteval::app
