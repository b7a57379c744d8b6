#include "core/error.h"
#include "datasets/snli_ve.h"
#include "metrics/snli_ve_accuracy.h"
#include "reports/snli_ve_predictions.h"
#include "tasks/classifier_run.h"
#include "tasks/eval.h"
#include "tasks/label_map.h"

namespace bteval::app {
namespace {

using records::SnliVeClass;

// BridgeTower's fine-tuning on SNLI-VE (its paper, appendix): 384 x 384 pixels, 50 tokens.
constexpr TaskDefaults kDefaults{384, 50};

datasets::SnliVe open_data(const EvalOptions& options) {
  datasets::SnliVeOptions data;
  data.root = options.data;
  data.split = options.split;
  data.arrow = options.arrow;
  return datasets::open_snli_ve(data);
}

class SnliVeTask : public ClassifierTask {
 public:
  SnliVeTask(const EvalOptions& options, const ModelSetup& setup)
      : data_(open_data(options)),
        labels_(choose_label_map(options, setup.checkpoint, records::kSnliVeClassNames)) {
    for (const records::Sample& sample : data_.samples.samples) pair_ids_.push_back(sample.id);
  }

  engine::Head head() const override { return engine::Head::kSnli; }
  const char* samples_name() const override { return "pairs"; }
  const records::SampleSet& samples() const override { return data_.samples; }

  TaskDescription describe(std::uint64_t num_samples) const override {
    TaskDescription task;
    task.task = "snli-ve";
    task.split = data_.split;
    task.num_samples = num_samples;
    task.files = data_.files;
    task.options = {{"scorer", "standard"}, {"labels_from", labels_.source}};
    task.signature = {{"scorer", "standard"}};
    if (!labels_.is_identity()) task.signature.push_back({"labels", label_names()});
    const auto warn = [&](std::uint64_t count, const std::string& text) {
      if (count > 0) task.warnings.push_back(text);
    };
    if (has_labels()) {
      warn(data_.unlabelled, fmt::format("{} pairs have no gold label and do not count", data_.unlabelled));
    }
    warn(data_.conflicting_pairs,
         fmt::format("{} pairs of image and hypothesis stand more than once with different gold labels",
                     data_.conflicting_pairs));
    warn(data_.has_pair_ids ? 0 : 1,
         "the annotations have no pairID: samples are named by their place, row-…");
    return task;
  }

  std::vector<std::pair<std::string, std::string>> plan_facts() const override {
    return {{"labels", has_labels() ? "yes" : "none: no score, predictions only"}};
  }

  OrderedJson data_counts() const override {
    return {{"unlabelled", data_.unlabelled},
            {"repeated_pairs", data_.repeated_pairs},
            {"conflicting_pairs", data_.conflicting_pairs}};
  }

  void check_head(std::int64_t classes, const ModelSetup& setup) const override {
    check_label_map(labels_, classes, "SNLI-VE", setup.checkpoint);
  }

  std::string prediction_line(std::size_t sample, const Outcome& outcome) const override {
    const std::string id = Json(pair_ids_[sample]).dump();
    if (!outcome.refused.empty()) {
      return fmt::format(R"({{"pairID": {}, "prediction": null, "refused": {}}})", id,
                         Json(outcome.refused).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    return fmt::format(R"({{"pairID": {}, "prediction": "{}", "label": {}, "score": {}, "margin": {}}})", id,
                       records::snli_ve_class_name(class_of(outcome)), outcome.label, outcome.probability,
                       outcome.margin);
  }

  std::optional<records::Score> score(std::span<const Outcome> computed, Refused refused) const override {
    metrics::SnliVeAccuracy accuracy;
    for (std::size_t i = 0; i < computed.size(); ++i) {
      if (!data_.labels[i]) continue;
      if (computed[i].refused.empty()) {
        accuracy.add(*data_.labels[i], class_of(computed[i]));
      } else if (refused == Refused::kWrong) {
        accuracy.add(*data_.labels[i], std::nullopt);
      }
    }
    if (accuracy.count() == 0) return std::nullopt;
    return accuracy.value();
  }

  void sample_results(std::span<const Outcome> computed, const SampleSink& sink) const override {
    for (std::size_t i = 0; i < computed.size(); ++i) {
      records::SampleResult result = common_result(data_.samples, i, computed[i]);
      if (computed[i].refused.empty()) result.prediction = records::snli_ve_class_name(class_of(computed[i]));
      if (const auto label = data_.labels[i]) {
        result.targets = {std::string(records::snli_ve_class_name(*label))};
        result.value = result.prediction == result.targets[0] ? 1 : 0;
        result.slices.emplace_back("class", result.targets[0]);
      }
      sink(result);
    }
  }

  std::string why_no_score() const override { return "the split has no gold labels"; }
  std::vector<std::string> printed_groups() const override { return {"accuracy by class", "macro"}; }

  /// No server takes it; a refused pair has no line.
  std::optional<Submission> submission(std::span<const Outcome> outcomes) const override {
    std::vector<records::SnliVePrediction> predictions;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].refused.empty()) predictions.push_back({pair_ids_[i], class_of(outcomes[i])});
    }
    Submission submission{"submission.jsonl", reports::snli_ve_predictions(predictions), {}, {}};
    const auto check = reports::check_snli_ve_predictions(submission.content, pair_ids_);
    submission.notes.push_back(fmt::format("{} predictions", check.predictions));
    submission.problems = check.problems;
    return submission;
  }

 private:
  bool has_labels() const { return data_.unlabelled < data_.samples.samples.size(); }
  SnliVeClass class_of(const Outcome& outcome) const {
    return static_cast<SnliVeClass>(labels_.class_of_label.at(static_cast<std::size_t>(outcome.label)));
  }
  std::string label_names() const {
    std::string out;
    for (const std::uint32_t value : labels_.class_of_label) {
      out += fmt::format("{}{}", out.empty() ? "" : ",", records::kSnliVeClassNames[value]);
    }
    return out;
  }

  datasets::SnliVe data_;
  LabelMap labels_;
  std::vector<std::string> pair_ids_;
};

}  // namespace

std::optional<EvalResult> evaluate_snli_ve(const EvalOptions& options) {
  require_scorer(options, "standard");
  const ModelSetup setup = open_model_setup(options, kDefaults);
  return evaluate_classifier(options, setup, SnliVeTask(options, setup));
}

}  // namespace bteval::app
