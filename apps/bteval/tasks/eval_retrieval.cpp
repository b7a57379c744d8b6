#include "tasks/eval.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/progress.h"
#include "datasets/retrieval.h"
#include "engine/retrieval_inputs.h"
#include "reports/retrieval_table.h"
#include "tasks/bad_images.h"
#include "tasks/finish_run.h"
#include "tasks/guards.h"
#include "tasks/model_setup.h"
#include "tasks/resume.h"
#include "tasks/retrieval_parts.h"
#include "tasks/retrieval_predictions.h"
#include "tasks/retrieval_protocol.h"
#include "tasks/retrieval_samples.h"
#include "tasks/retrieval_scores.h"
#include "tasks/retrieval_team.h"
#include "tasks/run_directory.h"
#include "tasks/score_retrieval.h"
#include "tasks/shard.h"

namespace bteval::app {
namespace {

// BridgeTower's fine-tuning on Flickr30K and MSCOCO: 384 x 384 pixels, 40 tokens.
constexpr TaskDefaults kDefaults{384, 40};
constexpr std::uint32_t kPredictionDepth = 10;

/// The split and everything that was chosen for it.
struct RetrievalTask {
  const EvalProtocol* protocol = nullptr;
  metrics::RetrievalScoring scoring;
  datasets::Retrieval data;
  std::uint32_t top_k = 0;
  engine::RetrievalOptions engine;  ///< resolved
  std::vector<std::string> warnings;

  std::uint32_t num_images() const { return static_cast<std::uint32_t>(data.samples.images.size()); }
  std::uint32_t num_captions() const { return static_cast<std::uint32_t>(data.samples.samples.size()); }
};

void refuse_parts(const EvalOptions& options, const EvalProtocol& protocol) {
  if (options.shard.count != 0 && !protocol.head) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--shard is not for protocol {}: it scores no pairs that could be shared out",
                            protocol.name));
  }
  if (options.engine.plan.limit != 0) {
    throw Error(ErrorCode::kUsage,
                "--limit is not for retrieval: ranks among a part of the images and captions are no ranks");
  }
  if (options.engine.on_bad_image != engine::OnBadImage::kFail) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--on-bad-image {} is not for retrieval: every rank is one among all images and "
                            "captions of the split, and without an image all others change",
                            engine::on_bad_image_name(options.engine.on_bad_image)));
  }
}

RetrievalTask open_task(const EvalOptions& options) {
  const RetrievalOptions& chosen = options.retrieval;
  RetrievalTask task;
  task.protocol = &eval_protocol(chosen.protocol);
  task.scoring.protocol = task.protocol->rule;
  task.scoring.ties = metrics::tie_rule(chosen.ties);
  task.scoring.fold = chosen.fold;
  set_folds(chosen.folds, task.scoring);
  refuse_parts(options, *task.protocol);

  datasets::RetrievalOptions data;
  data.dataset = options.task;
  data.root = options.data;
  data.split = options.split;
  data.arrow = options.arrow;
  data.unique_captions = chosen.unique_captions;
  task.data = datasets::open_retrieval(data);
  require_images(task.data.samples);

  const std::uint64_t in_folds = std::uint64_t{chosen.fold.folds} * chosen.fold.fold_images;
  if (task.scoring.folds && in_folds != task.num_images()) {  // known before hours are spent
    throw Error(ErrorCode::kUsage,
                fmt::format("--folds {} cuts {} folds of {} images, but the split has {}: give --fold-count "
                            "and --fold-images",
                            chosen.folds, chosen.fold.folds, chosen.fold.fold_images, task.num_images()));
  }

  task.top_k = chosen.top_k != 0 ? chosen.top_k : options.task == "coco" ? 256 : 128;
  if (task.protocol->has_candidates()) {
    const std::uint32_t most = std::max(task.num_images(), task.num_captions());
    if (task.top_k > most) {
      task.warnings.push_back(
          fmt::format("there are only {} images and {} captions: k = {} makes every pair a candidate",
                      task.num_images(), task.num_captions(), task.top_k));
      task.top_k = most;
    }
  }
  return task;
}

TaskDescription describe(const RetrievalTask& task, const RetrievalOptions& chosen) {
  TaskDescription description;
  description.task = task.data.dataset;
  description.split = task.data.split;
  description.num_samples = task.num_captions();
  description.files = task.data.files;
  const std::string protocol(task.protocol->name);
  const std::string captions = chosen.unique_captions ? "unique" : "all";
  description.options = {{"protocol", protocol},
                         {"ties", chosen.ties},
                         {"folds", chosen.folds},
                         {"captions", captions},
                         {"images_per_batch", task.engine.images_per_batch}};
  description.signature = {{"protocol", protocol}, {"ties", chosen.ties}, {"folds", chosen.folds}};
  if (task.scoring.folds) {
    const std::string fold =
        fmt::format("{}x{}x{}", chosen.fold.folds, chosen.fold.fold_images, chosen.fold.captions_per_image);
    description.options["fold"] = fold;
    description.signature.emplace_back("fold", fold);
  }
  if (task.protocol->has_candidates()) {
    description.options["top_k"] = task.top_k;
    description.signature.emplace_back("k", std::to_string(task.top_k));
  }
  if (task.protocol->head) description.signature.emplace_back("head", head_name(task.protocol->head));
  description.signature.emplace_back("captions", captions);
  description.signature.emplace_back("images", std::to_string(task.num_images()));
  description.warnings = task.warnings;
  return description;
}

/// Draws one bar a stage.
class StageProgress {
 public:
  StageProgress(std::string title, bool quiet) : title_(std::move(title)), quiet_(quiet) {}
  engine::RetrievalRunner::Advance show(const char* things, std::uint64_t total) {
    progress_.reset();  // finishes the line of the stage before
    progress_ = std::make_unique<Progress>(title_, things, total,
                                           quiet_ ? Progress::Mode::kOff : Progress::Mode::kAuto);
    return [this](std::uint64_t done) { progress_->advance(done); };
  }

 private:
  std::string title_;
  bool quiet_;
  std::unique_ptr<Progress> progress_;
};

/// Ends a run that has met a bad image with one error about all.
[[noreturn]] void throw_all_bad_images(const RetrievalTask& task, const engine::BadImage& error, bool quiet) {
  std::vector<std::uint32_t> images(task.num_images());
  std::iota(images.begin(), images.end(), 0U);
  throw_bad_images(task.data.samples, images, error, quiet);
}

/// Every rank but 0.
void assist(const EvalOptions& options, const ModelSetup& setup, const RetrievalTask& task,
            const engine::ImageSource& images, const engine::CaptionTokens& captions,
            records::RunManifest manifest) {
  TeamRun& team = *options.team;
  const std::string run = run_name(options);
  if (!team.hear_whether(run)) return;
  engine::RetrievalRunner runner(setup.checkpoint, setup.engine, task.engine, images, captions);
  require_heads(runner, *task.protocol, setup.checkpoint.path.string());
  manifest.environment = runner.environment();
  team.require_same(run, run_header(manifest));
  try {
    assist_retrieval(team, run, runner, *task.protocol);
  } catch (const engine::BadImage& error) {
    throw_all_bad_images(task, error, options.quiet);
  }
}

std::optional<records::RetrievalScores> compute(engine::RetrievalRunner& runner, const RetrievalTask& task,
                                                const std::string& title, bool quiet,
                                                const RetrievalParts& parts, Journal& journal,
                                                StageSharing* sharing) {
  StageProgress progress(title, quiet);
  try {
    return compute_retrieval(
        runner, *task.protocol, task.top_k, task.num_images(), task.num_captions(),
        [&](const char* things, std::uint64_t total) { return progress.show(things, total); }, sharing);
  } catch (const engine::BadImage& error) {
    throw_all_bad_images(task, error, quiet);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    journal.sync();
    throw_interrupted(parts.num_finished(), "parts");
  }
}

void finish_manifest(records::RunManifest& manifest, const RetrievalTask& task,
                     const engine::RetrievalRunner& runner, std::uint64_t candidate_pairs,
                     std::uint64_t truncated, const RunStart& start) {
  const engine::RetrievalCounts& counts = runner.counts();
  manifest.counts.update(OrderedJson{{"images", task.num_images()},
                                     {"captions", task.num_captions()},
                                     {"dropped_captions", task.data.counts.dropped},
                                     {"duplicates_in_image", task.data.counts.duplicates_in_image},
                                     {"captions_of_several_images", task.data.counts.shared_texts},
                                     {"candidate_pairs", candidate_pairs},
                                     {"pairs", counts.pairs},
                                     {"image_passes", counts.image_passes},
                                     {"truncated_texts", truncated},
                                     {"refused", 0}});
  manifest.timing = timing_json(start, counts.seconds, task.num_captions());
  // Here and not among the counts, because what is kept in memory may differ between equal runs.
  manifest.timing["text_passes"] = counts.text_passes;
}

/// Files that other tools read. Ids that these formats cannot tell apart cost the files, not the run.
void write_trec(const RunDirectory& directory, const RetrievalTask& task,
                const records::RetrievalScores& scores, const metrics::RetrievalLabels& labels,
                std::uint32_t depth, records::RunManifest& manifest) {
  try {
    directory.add_files(write_trec_run(directory.path() / "run.txt", depth, scores, labels,
                                       task.protocol->rule, task.data.samples,
                                       fmt::format("bteval-{}", task.protocol->name)));
    directory.add_files(write_trec_qrels(directory.path() / "qrels.txt", task.data.samples));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    manifest.warnings.push_back(fmt::format("no TREC files: {}", error.what()));
  }
}

}  // namespace

std::optional<EvalResult> evaluate_retrieval(const EvalOptions& options) {
  const RunStart start = start_run();
  RetrievalTask task = open_task(options);
  ModelSetup setup = open_model_setup(options, kDefaults);
  task.engine = options.retrieval.engine;
  task.engine.images_per_unit = options.engine.plan.images_per_unit;
  task.engine.resolve(setup.engine);
  setup.engine.plan.images_per_unit = task.engine.images_per_unit;
  const engine::CaptionTokens captions =
      engine::tokenise_captions(task.data.samples, setup.tokenizer, setup.engine.max_length);
  records::RunManifest manifest = describe_run(setup, options, describe(task, options.retrieval));
  if (options.dry_run) {
    print_plan({{"images", std::to_string(task.num_images())},
                {"captions", std::to_string(task.num_captions())},
                {"longer than --max-length", std::to_string(captions.truncated)}},
               manifest);
    return std::nullopt;
  }
  engine::FileImages images(task.data.samples.images, setup.engine.transform);
  TeamRun* const team = options.team;
  if (team != nullptr && !team->team.leads()) {
    assist(options, setup, task, images, captions, std::move(manifest));
    return std::nullopt;
  }
  RunDirectory directory(options.out, manifest, options.force);
  auto kept = kept_result(directory, options, manifest);
  if (team != nullptr) team->announce(run_name(options), !kept);
  if (kept) return kept;
  engine::RetrievalRunner runner(setup.checkpoint, setup.engine, task.engine, images, captions);
  require_heads(runner, *task.protocol, setup.checkpoint.path.string());
  manifest.environment = runner.environment();

  RetrievalParts parts(directory.journal());
  if (directory.begin(manifest)) print_resumed(parts.load(), "parts");
  runner.keep_parts(parts);
  if (team != nullptr) team->tell_header(run_name(options), run_header(manifest));
  begin_shard(directory);
  std::optional<RetrievalLead> lead;
  if (team != nullptr) lead.emplace(*team, run_name(options), runner, parts);
  std::optional<RetrievalShard> shard;
  if (options.shard.count != 0) shard.emplace(options.shard, runner, parts);
  StageSharing* const sharing = lead ? static_cast<StageSharing*>(&*lead) : shard ? &*shard : nullptr;
  const std::optional<records::RetrievalScores> computed = compute(
      runner, task, manifest.task + " " + manifest.split, options.quiet, parts, directory.journal(), sharing);
  if (!computed) {
    finish_shard(directory, options, shard->units(), shard->all_units());
    return std::nullopt;
  }
  const records::RetrievalScores& scores = *computed;
  images.complete_digests();
  finish_manifest(manifest, task, runner, scores.pairs.size(), captions.truncated, start);
  if (team != nullptr) team->describe(manifest);
  for (const auto& warning : {truncation_warning(captions.truncated, setup.engine.max_length),
                              duplicate_image_warning(task.data.samples, images.digests())}) {
    if (warning) manifest.warnings.push_back(*warning);
  }

  const metrics::RetrievalLabels labels(task.num_images(), datasets::image_of_captions(task.data.samples));
  const records::Score score = metrics::score_retrieval(scores, labels, task.scoring);
  write_retrieval_scores(directory.file("scores.safetensors"), scores,
                         {task.data.dataset,
                          task.data.split,
                          task.data.captions_sha256,
                          std::string(head_name(task.protocol->head)),
                          {{"signature", manifest.signature}}});
  directory.write("predictions.jsonl", retrieval_prediction_lines(scores, labels, task.data.samples,
                                                                  task.scoring, kPredictionDepth));
  reports::SampleResultWriter sample_results(directory.file("samples.jsonl"));
  add_retrieval_samples(scores, labels, task.data.samples, task.scoring, sample_results);
  sample_results.commit();
  write_trec(directory, task, scores, labels, options.retrieval.trec_depth, manifest);
  fmt::print("{}", reports::to_text(reports::retrieval_table(score)));
  finish_run(directory, manifest, score, "", {"both directions"});
  return EvalResult{options.name.empty() ? manifest.task : options.name,
                    manifest.split,
                    score,
                    task.num_captions(),
                    0,
                    manifest.signature};
}

}  // namespace bteval::app
