#include "tasks/classifier_run.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/progress.h"
#include "reports/sample_results.h"
#include "tasks/bad_images.h"
#include "tasks/finish_run.h"
#include "tasks/guards.h"
#include "tasks/resume.h"
#include "tasks/run_directory.h"

namespace bteval::app {
namespace {

constexpr const char* kParts = "work units";

void show_plan(const engine::PairPlan& plan, const ClassifierTask& task,
               const records::RunManifest& manifest) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {task.samples_name(), std::to_string(plan.num_samples())},
      {"pairs", std::to_string(plan.num_pairs())},
      {"image passes", std::to_string(plan.num_views())},
      {"work units", std::to_string(plan.units().size())}};
  for (auto& fact : task.plan_facts()) facts.push_back(std::move(fact));
  print_plan(facts, manifest);
}

std::string prediction_lines(const ClassifierTask& task, std::span<const Outcome> computed) {
  std::string lines;
  for (std::size_t i = 0; i < computed.size(); ++i) lines += task.prediction_line(i, computed[i]) + "\n";
  return lines;
}

std::vector<std::uint32_t> images_of(const engine::PairPlan& plan) {
  std::set<std::uint32_t> images;
  for (const engine::WorkUnit& unit : plan.units()) {
    for (const engine::ImageView& view : unit.views) images.insert(view.image);
  }
  return {images.begin(), images.end()};
}

/// Adds the answers of units that an earlier process has finished. One that refused a sample is done again
/// where that has to end the run, or its image is there by now.
void replay(const Journal& journal, const ModelSetup& setup, const engine::PairPlan& plan,
            const records::SampleSet& samples, std::int64_t classes, ClassifierOutcomes& outcomes) {
  const bool fail = setup.engine.on_bad_image == engine::OnBadImage::kFail;
  std::map<std::uint64_t, UnitOutcomes> units;
  journal.replay([&](std::string_view record) {
    UnitOutcomes unit = unpack_outcomes(record, samples, plan, classes);
    units.insert_or_assign(unit.unit, std::move(unit));  // one that was done again: the later record counts
  });
  RefusalCheck check(samples);
  for (auto& [number, unit] : units) {
    const bool stands = std::ranges::all_of(
        unit.refused, [&](const engine::Refusal& refusal) { return !fail && check.still_holds(refusal); });
    if (stands) outcomes.add(std::move(unit));
  }
  print_resumed(outcomes.units().size(), kParts);
}

std::vector<std::uint64_t> open_units(const engine::PairPlan& plan, const ClassifierOutcomes& outcomes) {
  std::vector<std::uint64_t> open;
  for (const engine::WorkUnit& unit : plan.units()) {
    if (!outcomes.units().contains(unit.index)) open.push_back(unit.index);
  }
  return open;
}

/// Computes what the journal does not have yet, and returns what this process has computed.
engine::RunCounts compute(engine::Runner& runner, const ModelSetup& setup, const ClassifierTask& task,
                          const engine::PairPlan& plan, const std::string& title, bool quiet,
                          Journal& journal, ClassifierOutcomes& outcomes) {
  const records::SampleSet& samples = task.samples();
  Progress progress(title, task.samples_name(), plan.num_samples(),
                    quiet ? Progress::Mode::kOff : Progress::Mode::kAuto);
  progress.advance(outcomes.counts().samples);
  const auto sink = [&](const engine::UnitOutput& output) {
    UnitOutcomes unit = outcomes_of(output, samples);
    journal.append(pack(unit));
    outcomes.add(std::move(unit));
    progress.advance(output.samples.size() + output.refused.size());
  };
  engine::ListedUnits open(open_units(plan, outcomes));
  try {
    return runner.run(samples, setup.tokenizer, plan, task.head(), sink, open);
  } catch (const engine::BadImage& error) {
    throw_bad_images(samples, images_of(plan), error, quiet);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    journal.sync();
    throw_interrupted(outcomes.units().size(), kParts);
  }
}

void finish_manifest(records::RunManifest& manifest, const engine::RunCounts& computed,
                     const ClassifierOutcomes& outcomes, const records::SampleSet& samples,
                     const RunStart& start, const engine::EngineOptions& options) {
  const engine::RunCounts& counts = outcomes.counts();
  manifest.counts.update(OrderedJson{{"samples", counts.samples},
                                     {"pairs", counts.pairs},
                                     {"image_passes", counts.image_passes},
                                     {"text_passes", counts.text_passes},
                                     {"work_units", counts.units},
                                     {"truncated_texts", outcomes.num_truncated()},
                                     {"refused", outcomes.num_refused()}});
  manifest.refused = outcomes.refused_json();
  manifest.timing = timing_json(start, computed.seconds, computed.samples);
  manifest.timing["smaller_passes"] = computed.times_lowered;
  for (const auto& warning : {refusal_warning(outcomes.num_refused(), counts.samples, options.on_bad_image),
                              truncation_warning(outcomes.num_truncated(), options.max_length),
                              duplicate_image_warning(samples, outcomes.image_digests())}) {
    if (warning) manifest.warnings.push_back(*warning);
  }
}

/// What the server would say, before anybody uploads the file.
void print_notes(const Submission& submission) {
  for (const std::string& note : submission.notes) fmt::print("{}: {}\n", submission.file_name, note);
  for (const std::string& problem : submission.problems)
    fmt::print(stderr, "bteval: {}: {}\n", submission.file_name, problem);
}

void write_samples(const RunDirectory& directory, const ClassifierTask& task,
                   std::span<const Outcome> computed, Refused refused) {
  reports::SampleResultWriter writer(directory.file("samples.jsonl"));
  task.sample_results(computed, [&](records::SampleResult result) {
    if (refused == Refused::kExcluded && !result.refused.empty()) result.value.reset();
    writer.add(result);
  });
  writer.commit();
}

}  // namespace

records::SampleResult common_result(const records::SampleSet& set, std::size_t sample,
                                    const Outcome& outcome) {
  const records::Sample& from = set.samples[sample];
  records::SampleResult result;
  result.id = from.id;
  result.cluster = set.images[from.images.front()].id;
  result.text = from.text;
  for (const std::uint32_t image : from.images) result.images.push_back(set.images[image].path);
  result.refused = outcome.refused;
  if (outcome.refused.empty()) result.confidence = outcome.probability;
  return result;
}

void require_scorer(const EvalOptions& options, const char* only) {
  if (options.scorer == EvalOptions().scorer || options.scorer == only) return;
  throw Error(ErrorCode::kUsage, fmt::format("{} has no scorer \"{}\": its only one is {}", options.task,
                                             printable(options.scorer, 40), only));
}

std::optional<EvalResult> evaluate_classifier(const EvalOptions& options, const ModelSetup& setup,
                                              const ClassifierTask& task) {
  const RunStart start = start_run();
  const records::SampleSet& samples = task.samples();
  const engine::PairPlan plan(samples, setup.engine.plan);
  if (setup.engine.on_bad_image == engine::OnBadImage::kFail) require_images(samples);
  const TaskDescription description = task.describe(plan.num_samples());
  records::RunManifest manifest = describe_run(setup, options, description);
  if (options.dry_run) {
    show_plan(plan, task, manifest);
    return std::nullopt;
  }
  RunDirectory directory(options.out, manifest, options.force);
  if (auto kept = kept_result(directory, options, manifest)) return kept;
  engine::Runner runner(setup.checkpoint, setup.engine);
  const std::int64_t classes = runner.head_width(task.head());
  task.check_head(classes, setup);
  manifest.environment = runner.environment();

  ClassifierOutcomes outcomes(samples);
  if (directory.begin(manifest)) replay(directory.journal(), setup, plan, samples, classes, outcomes);
  const engine::RunCounts computed = compute(runner, setup, task, plan, manifest.task + " " + manifest.split,
                                             options.quiet, directory.journal(), outcomes);
  finish_manifest(manifest, computed, outcomes, samples, start, setup.engine);
  manifest.counts.update(task.data_counts());
  manifest.signature = run_signature(setup, description, manifest);
  const Refused refused =
      setup.engine.on_bad_image == engine::OnBadImage::kExclude ? Refused::kExcluded : Refused::kWrong;
  const bool is_part = refused == Refused::kExcluded && outcomes.num_refused() > 0;

  const auto answers = outcomes.outcomes().first(plan.num_samples());
  directory.write("predictions.jsonl", prediction_lines(task, answers));
  write_samples(directory, task, answers, refused);
  std::optional<Submission> submission;
  if (answers.size() == samples.samples.size() && !is_part) submission = task.submission(answers);
  if (submission) directory.write(submission->file_name, submission->content);
  const auto score = task.score(answers, refused);
  const bool none_left = refused == Refused::kExcluded && outcomes.num_refused() == answers.size();
  const std::string why_no_score = score ? "" : none_left ? "every sample is excluded" : task.why_no_score();
  finish_run(directory, manifest, score, why_no_score, task.printed_groups());
  if (submission) print_notes(*submission);
  return EvalResult{options.name.empty() ? manifest.task : options.name,
                    manifest.split,
                    score,
                    outcomes.counts().samples,
                    outcomes.num_refused(),
                    manifest.signature};
}

}  // namespace bteval::app
