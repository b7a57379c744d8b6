// The course of an evaluation whose head is a classifier: VQAv2, NLVR2, SNLI-VE.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/runner.h"
#include "records/sample.h"
#include "records/sample_result.h"
#include "records/score.h"
#include "tasks/classifier_outcomes.h"
#include "tasks/eval.h"
#include "tasks/model_setup.h"

namespace bteval::app {

/// A file for an evaluation server or for other tools, and what is to be said about it.
struct Submission {
  const char* file_name = "";
  std::string content;
  std::vector<std::string> notes;     ///< for people: "1348 answers, 0 of them empty"
  std::vector<std::string> problems;  ///< why the server would refuse it
};

/// What a sample without an answer is for a score.
enum class Refused { kWrong, kExcluded };

using SampleSink = std::function<void(const records::SampleResult&)>;

/// What is the same in every task: id, text, images, refusal, softmax confidence, and the (first) image as
/// the cluster.
records::SampleResult common_result(const records::SampleSet& set, std::size_t sample,
                                    const Outcome& outcome);

/// Error(kUsage) where --scorer names another scorer than the only one that a task has.
void require_scorer(const EvalOptions& options, const char* only);

/// What differs between the classifier tasks. Outcomes stand by sample, the computed ones first.
class ClassifierTask {
 public:
  virtual ~ClassifierTask() = default;

  virtual engine::Head head() const = 0;
  virtual const char* samples_name() const = 0;  ///< "questions"
  virtual const records::SampleSet& samples() const = 0;
  /// Called with the number of samples that the plan computes.
  virtual TaskDescription describe(std::uint64_t num_samples) const = 0;
  /// More rows for --dry-run.
  virtual std::vector<std::pair<std::string, std::string>> plan_facts() const { return {}; }
  /// More counts for the manifest: what is odd about the data.
  virtual OrderedJson data_counts() const { return OrderedJson::object(); }
  /// Error(kCheckpoint) where the head's classes are not the task's.
  virtual void check_head(std::int64_t classes, const ModelSetup& setup) const = 0;
  /// A sample's line in predictions.jsonl without its line break. A refused sample has its answer null.
  virtual std::string prediction_line(std::size_t sample, const Outcome& outcome) const = 0;
  /// The score of the samples 0 to computed.size() - 1, of which a refused one counts as wrong or not at all.
  /// Nothing where no sample counts.
  virtual std::optional<records::Score> score(std::span<const Outcome> computed, Refused refused) const = 0;
  virtual std::string why_no_score() const = 0;
  /// Hands the line of samples.jsonl of each computed sample to `sink`, in order.
  virtual void sample_results(std::span<const Outcome> computed, const SampleSink& sink) const = 0;
  /// Groups of the score that are printed; the run directory has all.
  virtual std::vector<std::string> printed_groups() const { return {}; }
  /// Nothing where the task has no submission. Called for whole splits only.
  virtual std::optional<Submission> submission(std::span<const Outcome> outcomes) const = 0;
};

/// Makes the plan, runs the model, writes the run directory and prints the score; with dry_run, prints the
/// plan and returns nothing.
std::optional<EvalResult> evaluate_classifier(const EvalOptions& options, const ModelSetup& setup,
                                              const ClassifierTask& task);

}  // namespace bteval::app
