#include <fmt/chrono.h>

#include <cmath>
#include <ctime>

#include "core/error.h"
#include "core/progress.h"
#include "engine/runner.h"
#include "metrics/vqa_accuracy.h"
#include "reports/manifest.h"
#include "reports/run_report.h"
#include "reports/score_json.h"
#include "reports/table.h"
#include "reports/vqa_submission.h"
#include "tasks/classifier_outcomes.h"
#include "tasks/eval.h"
#include "tasks/run_directory.h"
#include "tasks/vqav2_setup.h"

namespace bteval::app {
namespace {

void print_plan(const Vqav2Setup& setup, const records::RunManifest& manifest) {
  reports::Table table{{{"plan"}, {""}}, {}};
  const auto row = [&](const char* key, const std::string& value) { table.rows.push_back({key, value}); };
  row("samples", std::to_string(setup.plan.num_samples()));
  row("pairs", std::to_string(setup.plan.num_pairs()));
  row("image passes", std::to_string(setup.plan.num_views()));
  row("work units", std::to_string(setup.plan.units().size()));
  row("answers", std::to_string(setup.vocabulary.value.size()));
  row("annotations", setup.data.sheet.annotations ? "yes" : "none: no score, submission only");
  for (const auto& [key, value] : manifest.options.items()) {
    row(key.c_str(), value.is_string() ? value.get<std::string>() : value.dump());
  }
  fmt::print("{}\n{}\n", reports::to_text(table), manifest.signature);
}

void check_vocabulary(const Vqav2Setup& setup, std::int64_t head_width) {
  if (head_width == static_cast<std::int64_t>(setup.vocabulary.value.size())) return;
  throw Error(
      ErrorCode::kCheckpoint,
      fmt::format(
          "the vocabulary ({}) has {} answers, but the checkpoint's VQA head {} labels: it is another "
          "checkpoint's list",
          setup.vocabulary.path, setup.vocabulary.value.size(), head_width),
      {setup.checkpoint.path.string(), "", std::nullopt});
}

double sigmoid(float logit) { return 1.0 / (1.0 + std::exp(-static_cast<double>(logit))); }

const std::string& answer_of(const Vqav2Setup& setup, const Outcome& outcome) {
  return setup.vocabulary.value.answer(static_cast<std::size_t>(outcome.label));
}

std::string predictions_jsonl(const Vqav2Setup& setup, std::span<const Outcome> outcomes) {
  std::string lines;
  for (std::size_t i = 0; i < setup.plan.num_samples(); ++i) {
    const Outcome& outcome = outcomes[i];
    const std::int64_t id = setup.data.sheet.question_ids[i];
    if (outcome.refused.empty()) {
      // Shortest digits that give the same float back: equal logits, equal bytes.
      lines += fmt::format(R"({{"question_id": {}, "answer": {}, "label": {}, "score": {}, "margin": {}}})",
                           id, Json(answer_of(setup, outcome)).dump(), outcome.label,
                           static_cast<float>(sigmoid(outcome.logit)), outcome.margin);
    } else {
      lines += fmt::format(R"({{"question_id": {}, "answer": null, "refused": {}}})", id,
                           Json(outcome.refused).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    lines += '\n';
  }
  return lines;
}

std::optional<records::Score> score(const Vqav2Setup& setup, const EvalOptions& options,
                                    std::span<const Outcome> outcomes) {
  if (!setup.data.sheet.annotations) return std::nullopt;
  const records::VqaAnnotations& annotations = *setup.data.sheet.annotations;
  const metrics::VqaVariant variant = metrics::vqa_variant(options.scorer);
  const metrics::VqaScorer scorer(annotations, variant, setup.vocabulary.value.answers());
  metrics::VqaAccuracy accuracy(annotations, variant);
  for (std::size_t i = 0; i < setup.plan.num_samples(); ++i) {
    const std::uint32_t annotation = setup.data.sheet.annotation_of_question[i];
    if (!outcomes[i].refused.empty()) {
      // No answer counts as a wrong one, but only where the variant asks the question at all.
      if (scorer.score(annotation, "")) accuracy.add(annotation, 0.0);
    } else if (const auto value = scorer.score(annotation, answer_of(setup, outcomes[i]))) {
      accuracy.add(annotation, *value);
    }
  }
  return accuracy.value();
}

/// The server wants every question answered: a run of a part makes no submission, a refused sample an empty
/// answer.
std::optional<std::string> submission(const Vqav2Setup& setup, std::span<const Outcome> outcomes) {
  if (setup.plan.num_samples() != setup.data.samples.samples.size()) return std::nullopt;
  std::vector<records::VqaPrediction> predictions;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string answer = outcomes[i].refused.empty() ? answer_of(setup, outcomes[i]) : std::string();
    predictions.push_back({setup.data.sheet.question_ids[i], answer});
  }
  return reports::vqa_submission(predictions);
}

/// What the server would say, before anybody uploads the file.
void print_submission_check(const Vqav2Setup& setup, const std::string& json) {
  const auto check = reports::check_vqa_submission(json, setup.data.sheet.question_ids);
  fmt::print("submission.json: {} answers, {} of them empty\n", check.predictions, check.empty_answers);
  for (const std::string& problem : check.problems)
    fmt::print(stderr, "bteval: submission.json: {}\n", problem);
  if (setup.data.data_subtype == "test-dev2015") {
    fmt::print(
        stderr,
        "bteval: submission.json: the server takes answers to all of test2015 only: use --split test\n");
  }
}

void finish_manifest(records::RunManifest& manifest, const engine::RunCounts& counts,
                     const ClassifierOutcomes& outcomes, std::time_t start) {
  manifest.counts = {{"samples", counts.samples},           {"pairs", counts.pairs},
                     {"image_passes", counts.image_passes}, {"text_passes", counts.text_passes},
                     {"work_units", counts.units},          {"truncated_texts", outcomes.num_truncated()},
                     {"refused", outcomes.num_refused()}};
  manifest.refused = outcomes.refused_json();
  manifest.timing = {{"start", fmt::format("{:%FT%TZ}", fmt::gmtime(start))},
                     {"seconds", counts.seconds},
                     {"samples_per_second", static_cast<double>(counts.samples) / counts.seconds}};
}

}  // namespace

std::optional<EvalResult> evaluate_vqav2(const EvalOptions& options) {
  const std::time_t start = std::time(nullptr);
  const Vqav2Setup setup = open_vqav2_setup(options);
  records::RunManifest manifest = describe(setup, options);
  if (options.dry_run) {
    print_plan(setup, manifest);
    return std::nullopt;
  }
  const RunDirectory directory(options.out, reports::manifest_identity(manifest), options.force);
  engine::Runner runner(setup.checkpoint, setup.engine);
  check_vocabulary(setup, runner.head_width(engine::Head::kVqa));
  manifest.environment = runner.environment();

  ClassifierOutcomes outcomes(setup.data.samples);
  engine::RunCounts counts;
  {
    Progress progress("vqav2 " + manifest.split, "questions", setup.plan.num_samples(),
                      options.quiet ? Progress::Mode::kOff : Progress::Mode::kAuto);
    counts = runner.run(setup.data.samples, setup.tokenizer, setup.plan, engine::Head::kVqa,
                        [&](const engine::UnitOutput& output) {
                          outcomes.add(output);
                          progress.advance(output.samples.size() + output.refused.size());
                        });
  }
  finish_manifest(manifest, counts, outcomes, start);

  const auto scored = score(setup, options, outcomes.outcomes());
  const std::string why_no_score = scored ? "" : "the split has no annotations";
  OrderedJson metrics = {
      {"schema", 1}, {"task", manifest.task}, {"split", manifest.split}, {"signature", manifest.signature}};
  metrics["score"] = scored ? reports::score_to_json(*scored) : OrderedJson();
  if (!scored) metrics["why_no_score"] = why_no_score;
  directory.write("predictions.jsonl", predictions_jsonl(setup, outcomes.outcomes()));
  directory.write_json("metrics.json", metrics);
  const auto json = submission(setup, outcomes.outcomes());
  if (json) directory.write("submission.json", *json);
  directory.write("report.md", reports::run_report_markdown(manifest, scored, why_no_score));
  directory.write_json("manifest.json", reports::manifest_to_json(manifest));

  if (scored) fmt::print("{}", reports::to_text(reports::score_to_table(*scored, {"by answer type"})));
  if (!scored) fmt::print("no score: {}\n", why_no_score);
  if (json) print_submission_check(setup, *json);
  fmt::print("{}\nwritten to {}\n", manifest.signature, printable(directory.path().string(), 4096));
  return EvalResult{manifest.task,  manifest.split,         scored,
                    counts.samples, outcomes.num_refused(), manifest.signature};
}

}  // namespace bteval::app
