#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "datasets/vqav2.h"
#include "metrics/vqa_accuracy.h"
#include "reports/vqa_submission.h"
#include "tasks/classifier_run.h"
#include "tasks/eval.h"
#include "tasks/vqa_vocabulary.h"

namespace bteval::app {
namespace {

// BridgeTower's fine-tuning on VQAv2 (its paper, appendix): 576 x 576 pixels, 50 tokens.
constexpr TaskDefaults kDefaults{576, 50};

double sigmoid(float logit) { return 1.0 / (1.0 + std::exp(-static_cast<double>(logit))); }

datasets::Vqav2 open_data(const EvalOptions& options) {
  datasets::Vqav2Options data;
  data.root = options.data;
  data.split = options.split;
  data.arrow = options.arrow;
  return datasets::open_vqav2(data);
}

class Vqav2Task : public ClassifierTask {
 public:
  explicit Vqav2Task(const EvalOptions& options)
      : data_(open_data(options)),
        vocabulary_(choose_vocabulary(options)),
        scorer_(options.scorer),
        variant_(metrics::vqa_variant(options.scorer)) {
    if (data_.sheet.soft_scores_only && variant_ != metrics::VqaVariant::kLabelScore) {
      data_.sheet.annotations.reset();
    }
  }

  engine::Head head() const override { return engine::Head::kVqa; }
  const char* samples_name() const override { return "questions"; }
  const records::SampleSet& samples() const override { return data_.samples; }

  TaskDescription describe(std::uint64_t num_samples) const override {
    TaskDescription task;
    task.task = "vqav2";
    task.split = data_.data_subtype.empty() ? data_.split : data_.data_subtype;
    task.num_samples = num_samples;
    task.files = data_.files;
    task.files.push_back({"vocabulary", vocabulary_.path, vocabulary_.value.sha256(), 0});
    task.options = {{"scorer", scorer_}, {"vocabulary_from", vocabulary_.source}};
    task.signature = {{"scorer", scorer_}};
    return task;
  }

  std::vector<std::pair<std::string, std::string>> plan_facts() const override {
    return {{"answers", std::to_string(vocabulary_.value.size())},
            {"annotations", data_.sheet.annotations ? "yes" : "none: no score, submission only"}};
  }

  void check_head(std::int64_t classes, const ModelSetup& setup) const override {
    if (classes == static_cast<std::int64_t>(vocabulary_.value.size())) return;
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format(
            "the vocabulary ({}) has {} answers, but the checkpoint's VQA head {} labels: it is another "
            "checkpoint's list",
            vocabulary_.path, vocabulary_.value.size(), classes),
        {setup.checkpoint.path.string(), "", std::nullopt});
  }

  std::string prediction_line(std::size_t sample, const Outcome& outcome) const override {
    const std::int64_t id = data_.sheet.question_ids[sample];
    if (!outcome.refused.empty()) {
      return fmt::format(R"({{"question_id": {}, "answer": null, "refused": {}}})", id,
                         Json(outcome.refused).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    // Shortest digits that give the same float back: equal logits, equal bytes.
    return fmt::format(R"({{"question_id": {}, "answer": {}, "label": {}, "score": {}, "margin": {}}})", id,
                       Json(answer_of(outcome)).dump(), outcome.label,
                       static_cast<float>(sigmoid(outcome.logit)), outcome.margin);
  }

  std::optional<records::Score> score(std::span<const Outcome> computed, Refused refused) const override {
    if (!data_.sheet.annotations) return std::nullopt;
    const records::VqaAnnotations& annotations = *data_.sheet.annotations;
    const metrics::VqaScorer scorer(annotations, variant_, vocabulary_.value.answers());
    metrics::VqaAccuracy accuracy(annotations, variant_);
    for (std::size_t i = 0; i < computed.size(); ++i) {
      const std::uint32_t annotation = data_.sheet.annotation_of_question[i];
      if (!computed[i].refused.empty()) {
        // No answer counts as a wrong one only where the variant asks the question at all.
        if (refused == Refused::kWrong && scorer.score(annotation, "")) accuracy.add(annotation, 0.0);
      } else if (const auto value = scorer.score(annotation, answer_of(computed[i]))) {
        accuracy.add(annotation, *value);
      }
    }
    if (accuracy.count() == 0) return std::nullopt;
    return accuracy.value();
  }

  void sample_results(std::span<const Outcome> computed, const SampleSink& sink) const override {
    std::optional<metrics::VqaScorer> scorer;
    if (data_.sheet.annotations)
      scorer.emplace(*data_.sheet.annotations, variant_, vocabulary_.value.answers());
    for (std::size_t i = 0; i < computed.size(); ++i) {
      records::SampleResult result = common_result(data_.samples, i, computed[i]);
      if (computed[i].refused.empty()) {
        result.prediction = answer_of(computed[i]);
        result.confidence = static_cast<float>(sigmoid(computed[i].logit));
      }
      if (scorer) describe_annotation(data_.sheet.annotation_of_question[i], *scorer, result);
      sink(result);
    }
  }

  std::string why_no_score() const override {
    if (!data_.sheet.soft_scores_only) return "the split has no annotations";
    return "the .arrow table has soft scores of labels instead of the ten human answers: --scorer "
           "label-score "
           "can use them, the official scorers need the annotation file";
  }
  std::vector<std::string> printed_groups() const override { return {"by answer type"}; }

  /// The server wants every question answered: a refused sample gets an empty answer.
  std::optional<Submission> submission(std::span<const Outcome> outcomes) const override {
    std::vector<records::VqaPrediction> predictions;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      predictions.push_back({data_.sheet.question_ids[i],
                             outcomes[i].refused.empty() ? answer_of(outcomes[i]) : std::string()});
    }
    Submission submission{"submission.json", reports::vqa_submission(predictions), {}, {}};
    const auto check = reports::check_vqa_submission(submission.content, data_.sheet.question_ids);
    submission.notes.push_back(
        fmt::format("{} answers, {} of them empty", check.predictions, check.empty_answers));
    submission.problems = check.problems;
    if (data_.data_subtype == "test-dev2015") {
      submission.problems.push_back("the server takes answers to all of test2015 only: use --split test");
    }
    return submission;
  }

 private:
  void describe_annotation(std::uint32_t index, const metrics::VqaScorer& scorer,
                           records::SampleResult& result) const {
    const records::VqaAnnotations& all = *data_.sheet.annotations;
    const records::VqaAnnotation& annotation = all.annotations[index];
    result.value = scorer.score(index, result.prediction);
    if (result.value && !result.refused.empty()) result.value = 0;
    std::vector<std::pair<records::StringPool::Id, int>> votes;  // in order of first appearance
    for (const records::VqaAnswer& answer : all.answers_of(annotation)) {
      const auto known = std::find_if(votes.begin(), votes.end(),
                                      [&](const auto& vote) { return vote.first == answer.answer; });
      if (known == votes.end()) {
        votes.emplace_back(answer.answer, 1);
      } else {
        ++known->second;
      }
    }
    std::stable_sort(votes.begin(), votes.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [answer, count] : votes) result.targets.emplace_back(all.strings.text(answer));
    result.slices = {{"answer type", std::string(all.strings.text(annotation.answer_type))},
                     {"question type", std::string(all.strings.text(annotation.question_type))}};
  }

  const std::string& answer_of(const Outcome& outcome) const {
    return vocabulary_.value.answer(static_cast<std::size_t>(outcome.label));
  }

  datasets::Vqav2 data_;
  ChosenVocabulary vocabulary_;
  std::string scorer_;
  metrics::VqaVariant variant_;
};

}  // namespace

std::optional<EvalResult> evaluate_vqav2(const EvalOptions& options) {
  metrics::vqa_variant(options.scorer);  // a wrong name is known before anything is read
  const ModelSetup setup = open_model_setup(options, kDefaults);
  return evaluate_classifier(options, setup, Vqav2Task(options));
}

}  // namespace bteval::app
