#include "tasks/classifier_run.h"

#include <algorithm>
#include <map>
#include <numeric>
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
#include "tasks/shard.h"
#include "tasks/team_run.h"

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

/// The course of computing, alone or with others.
struct Computation {
  engine::Runner& runner;
  const ModelSetup& setup;
  const ClassifierTask& task;
  const engine::PairPlan& plan;
  bool quiet;

  /// Computes the units that the source gives. A bad image that ends the run becomes one error about all.
  engine::RunCounts run(engine::UnitSource& units,
                        const std::function<void(const engine::UnitOutput&)>& sink) const {
    try {
      return runner.run(task.samples(), setup.tokenizer, plan, task.head(), sink, units);
    } catch (const engine::BadImage& error) {
      throw_bad_images(task.samples(), images_of(plan), error, quiet);
    }
  }
  std::string pack_outcomes(const engine::UnitOutput& output) const {
    return pack(outcomes_of(output, task.samples()));
  }
};

/// Rank 0: shares the open units out.
engine::RunCounts compute_in_team(const Computation& computation, TeamRun& team, const std::string& stage,
                                  std::vector<std::uint64_t> open,
                                  const distributed::Coordinator::Sink& sink) {
  engine::RunCounts counts;
  lead_stage(team, stage, std::move(open), sink,
             [&](engine::UnitSource& units, distributed::Coordinator& coordinator) {
               counts = computation.run(units, [&](const engine::UnitOutput& output) {
                 coordinator.add(output.unit, computation.pack_outcomes(output));
               });
             });
  return counts;
}

/// Computes what the journal does not have yet, and returns what was computed now.
engine::RunCounts compute(const Computation& computation, const EvalOptions& options,
                          const std::string& title, std::int64_t classes, Journal& journal,
                          ClassifierOutcomes& outcomes) {
  const records::SampleSet& samples = computation.task.samples();
  Progress progress(title, computation.task.samples_name(), computation.plan.num_samples(),
                    options.quiet ? Progress::Mode::kOff : Progress::Mode::kAuto);
  const std::uint64_t before = outcomes.counts().samples;
  progress.advance(before);
  const auto keep = [&](std::uint64_t number, std::string_view record) {
    UnitOutcomes unit = unpack_outcomes(record, samples, computation.plan, classes);
    if (unit.unit != number) throw Error(ErrorCode::kInternal, "a result of another unit than it says");
    journal.append(record);
    progress.advance(unit.outcomes.size() + unit.refused.size());
    outcomes.add(std::move(unit));
  };
  std::vector<std::uint64_t> open = units_of_shard(options.shard, open_units(computation.plan, outcomes));
  try {
    engine::RunCounts counts;
    if (options.team != nullptr) {
      counts =
          compute_in_team(computation, *options.team, run_name(options) + "/units", std::move(open), keep);
      counts.samples = outcomes.counts().samples - before;
    } else {
      engine::ListedUnits units(std::move(open));
      counts = computation.run(units, [&](const engine::UnitOutput& output) {
        keep(output.unit, computation.pack_outcomes(output));
      });
    }
    return counts;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    journal.sync();
    throw_interrupted(outcomes.units().size(), kParts);
  }
}

/// Every rank but 0.
void assist(const EvalOptions& options, const ModelSetup& setup, const ClassifierTask& task,
            const engine::PairPlan& plan, records::RunManifest manifest) {
  TeamRun& team = *options.team;
  const std::string run = run_name(options);
  if (!team.hear_whether(run)) return;
  engine::Runner runner(setup.checkpoint, setup.engine);
  task.check_head(runner.head_width(task.head()), setup);
  manifest.environment = runner.environment();
  team.require_same(run, run_header(manifest));
  const Computation computation{runner, setup, task, plan, options.quiet};
  QueuedUnits units(team.team, run + "/units");
  computation.run(units, [&](const engine::UnitOutput& output) {
    units.send(output.unit, computation.pack_outcomes(output));
  });
  team.require_not_stopped();
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
  TeamRun* const team = options.team;
  if (team != nullptr && !team->team.leads()) {
    assist(options, setup, task, plan, std::move(manifest));
    return std::nullopt;
  }
  RunDirectory directory(options.out, manifest, options.force);
  auto kept = kept_result(directory, options, manifest);
  if (team != nullptr) team->announce(run_name(options), !kept);
  if (kept) return kept;
  engine::Runner runner(setup.checkpoint, setup.engine);
  const std::int64_t classes = runner.head_width(task.head());
  task.check_head(classes, setup);
  manifest.environment = runner.environment();

  ClassifierOutcomes outcomes(samples);
  if (directory.begin(manifest)) replay(directory.journal(), setup, plan, samples, classes, outcomes);
  if (team != nullptr) team->tell_header(run_name(options), run_header(manifest));
  begin_shard(directory);
  const Computation computation{runner, setup, task, plan, options.quiet};
  const engine::RunCounts computed = compute(computation, options, manifest.task + " " + manifest.split,
                                             classes, directory.journal(), outcomes);
  if (options.shard.count != 0) {
    std::vector<std::uint64_t> all(plan.units().size());
    std::iota(all.begin(), all.end(), std::uint64_t{0});
    finish_shard(directory, options, units_of_shard(options.shard, all).size(), all.size());
    return std::nullopt;
  }
  finish_manifest(manifest, computed, outcomes, samples, start, setup.engine);
  if (team != nullptr) team->describe(manifest);
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
