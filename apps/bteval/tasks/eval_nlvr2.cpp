#include <array>
#include <string_view>

#include "core/error.h"
#include "datasets/nlvr2.h"
#include "metrics/nlvr2_accuracy.h"
#include "reports/nlvr2_submission.h"
#include "tasks/classifier_run.h"
#include "tasks/eval.h"
#include "tasks/label_map.h"

namespace bteval::app {
namespace {

// BridgeTower's fine-tuning on NLVR2 (its paper, appendix): 384 x 384 pixels, 50 tokens.
constexpr TaskDefaults kDefaults{384, 50};

// Label 1 is True (src/modules/objectives.py of BridgeTower).
constexpr std::array<std::string_view, 2> kClasses = {"False", "True"};

datasets::Nlvr2 open_data(const EvalOptions& options) {
  datasets::Nlvr2Options data;
  data.root = options.data;
  data.split = options.split;
  data.arrow = options.arrow;
  return datasets::open_nlvr2(data);
}

class Nlvr2Task : public ClassifierTask {
 public:
  Nlvr2Task(const EvalOptions& options, const ModelSetup& setup)
      : data_(open_data(options)), labels_(choose_label_map(options, setup.checkpoint, kClasses)) {
    for (const records::Sample& sample : data_.samples.samples) identifiers_.push_back(sample.id);
  }

  engine::Head head() const override { return engine::Head::kNlvr2; }
  const char* samples_name() const override { return "examples"; }
  const records::SampleSet& samples() const override { return data_.samples; }

  TaskDescription describe(std::uint64_t num_samples) const override {
    TaskDescription task;
    task.task = "nlvr2";
    task.split = data_.split;
    task.num_samples = num_samples;
    task.files = data_.files;
    task.options = {{"scorer", "official"}, {"labels_from", labels_.source}};
    task.signature = {{"scorer", "official"}};
    if (!labels_.is_identity()) task.signature.push_back({"labels", "True,False"});
    if (has_labels() && data_.unlabelled > 0) {
      task.warnings.push_back(fmt::format("{} examples have no label and do not count", data_.unlabelled));
    }
    return task;
  }

  std::vector<std::pair<std::string, std::string>> plan_facts() const override {
    return {{"labels", has_labels() ? "yes" : "none: no score, submission only"}};
  }

  OrderedJson data_counts() const override {
    OrderedJson counts = {{"groups", data_.labels.num_groups}, {"unlabelled", data_.unlabelled}};
    for (const records::SampleSubset& subset : data_.labels.subsets)
      counts[subset.name] = subset.samples.size();
    return counts;
  }

  void check_head(std::int64_t classes, const ModelSetup& setup) const override {
    check_label_map(labels_, classes, "NLVR2", setup.checkpoint);
  }

  std::string prediction_line(std::size_t sample, const Outcome& outcome) const override {
    const std::string id = Json(identifiers_[sample]).dump();
    if (!outcome.refused.empty()) {
      return fmt::format(R"({{"identifier": {}, "prediction": null, "refused": {}}})", id,
                         Json(outcome.refused).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    return fmt::format(R"({{"identifier": {}, "prediction": "{}", "label": {}, "score": {}, "margin": {}}})",
                       id, kClasses[class_of(outcome)], outcome.label, outcome.probability, outcome.margin);
  }

  std::optional<records::Score> score(std::span<const Outcome> computed, Refused refused) const override {
    metrics::Nlvr2Accuracy accuracy(data_.labels);
    for (std::size_t i = 0; i < computed.size(); ++i) {
      if (!data_.labels.labels[i]) continue;
      if (computed[i].refused.empty()) {
        accuracy.add(i, class_of(computed[i]) == 1);
      } else if (refused == Refused::kWrong) {
        accuracy.add_wrong(i);
      }
    }
    if (accuracy.count() == 0) return std::nullopt;
    return accuracy.value();
  }

  std::string why_no_score() const override { return "the split has no labels"; }

  void sample_results(std::span<const Outcome> computed, const SampleSink& sink) const override {
    std::vector<std::string> subset_of(computed.size());
    for (const records::SampleSubset& subset : data_.labels.subsets) {
      for (const std::uint32_t i : subset.samples) {
        if (i < computed.size()) subset_of[i] = subset.name;
      }
    }
    for (std::size_t i = 0; i < computed.size(); ++i) {
      records::SampleResult result = common_result(data_.samples, i, computed[i]);
      result.cluster = std::to_string(data_.labels.group_of_example[i]);
      if (computed[i].refused.empty()) result.prediction = kClasses[class_of(computed[i])];
      if (const auto label = data_.labels.labels[i]) {
        result.targets = {std::string(kClasses[*label ? 1 : 0])};
        result.value = result.prediction == result.targets[0] ? 1 : 0;
        result.slices.emplace_back("label", result.targets[0]);
      }
      if (!subset_of[i].empty()) result.slices.emplace_back("subset", subset_of[i]);
      sink(result);
    }
  }

  /// A refused example has no row, at which the official scorer stops: the check says so.
  std::optional<Submission> submission(std::span<const Outcome> outcomes) const override {
    std::vector<records::Nlvr2Prediction> predictions;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].refused.empty()) predictions.push_back({identifiers_[i], class_of(outcomes[i]) == 1});
    }
    Submission submission{"submission.csv", reports::nlvr2_submission(predictions), {}, {}};
    const auto check = reports::check_nlvr2_submission(submission.content, identifiers_);
    submission.notes.push_back(fmt::format("{} predictions", check.predictions));
    submission.problems = check.problems;
    if (!data_.official_ids) {
      submission.problems = {
          "the .arrow table does not hold the sentences' numbers, so that no official file has these "
          "identifiers"};
    }
    return submission;
  }

 private:
  bool has_labels() const { return data_.unlabelled < data_.samples.samples.size(); }
  std::uint32_t class_of(const Outcome& outcome) const {
    return labels_.class_of_label.at(static_cast<std::size_t>(outcome.label));
  }

  datasets::Nlvr2 data_;
  LabelMap labels_;
  std::vector<std::string> identifiers_;
};

}  // namespace

std::optional<EvalResult> evaluate_nlvr2(const EvalOptions& options) {
  require_scorer(options, "official");
  const ModelSetup setup = open_model_setup(options, kDefaults);
  return evaluate_classifier(options, setup, Nlvr2Task(options, setup));
}

}  // namespace bteval::app
