#include "tasks/eval.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/local_devices.h"
#include "core/error.h"
#include "core/io_retry.h"
#include "tasks/shard.h"
#include "tasks/team_run.h"

namespace bteval::app {
namespace {

/// The command line's values before they are checked.
struct EvalArguments {
  EvalOptions eval;
  std::string suite;
  std::string config;
  std::string dtype = "fp32";
  std::string on_bad_image = "fail";
  int io_retries = kDefaultIoRetries;
  std::string resize_order = "horizontal-first";
  std::optional<std::uint64_t> text_cache_mib;
  std::string shard;
  std::string devices;
  std::optional<std::uint32_t> prove;  // processes; 0: as many as devices
  double rank_timeout_s = 60, unit_timeout_s = 3600;
  std::string on_lost_rank = "take-over";
};

// CLI11 would take -3 for an unsigned option and wrap it around.
const CLI::Range kCount(0, 1'000'000'000);

void add_what(CLI::App& command, EvalArguments& arguments) {
  EvalOptions& eval = arguments.eval;
  command.add_option("task", eval.task, "What to evaluate: vqav2, nlvr2, snli-ve, flickr30k or coco");
  command.add_option("--suite", arguments.suite, "Run a suite instead: mini, or the path of a suite.json");
  command.add_option("-m,--model", eval.model,
                     "Checkpoint: .safetensors, .ckpt, .bin or a Hugging Face directory");
  command.add_option("--config", arguments.config,
                     "config.json in Hugging Face's layout that decides over the checkpoint's");
  command.add_option("-d,--data", eval.data, "Root of the data set in its official layout");
  command.add_flag(
      "--arrow", eval.arrow,
      "Read the .arrow tables of ViLT, METER or BridgeTower although there are annotation files");
  command
      .add_option("-s,--split", eval.split,
                  "train, val, test, test-dev, or the name inside a custom file; test for "
                  "flickr30k and coco where it is not given")
      ->capture_default_str();
  command.add_option("-o,--out", eval.out, "Run directory to write");
  command.add_option("--tokenizer", eval.tokenizer,
                     "Folder with RoBERTa's tokenizer files (default: the model's)");
  command.add_option(
      "--vocabulary", eval.vocabulary,
      "List of answers in label order, or 'rebuild' to make it from the train and val annotations");
  command.add_option("--scorer", eval.scorer, "official-2021, pre-2021 or label-score")
      ->capture_default_str();
  command
      .add_option("--limit", eval.engine.plan.limit,
                  "Only the first N samples; such a run gives no submission")
      ->check(kCount);
  command.add_flag("--dry-run", eval.dry_run, "Open and check everything, print the plan and stop");
  command.add_flag("--force", eval.force,
                   "Overwrite a run directory that holds another run; begin an unfinished one anew");
  command.add_flag("-q,--quiet", eval.quiet, "No progress");
}

void add_how(CLI::App& command, EvalArguments& arguments) {
  EvalOptions& eval = arguments.eval;
  engine::EngineOptions& engine = eval.engine;
  command.add_option("--transform", eval.transform,
                     "square, center_crop or hf (default: the checkpoint family's)");
  command
      .add_option("--resize-order", arguments.resize_order,
                  "Order of the resize's passes: Pillow up to 12, as all published results, or pillow-13")
      ->check(CLI::IsMember({"horizontal-first", "pillow-13"}))
      ->capture_default_str();
  command.add_option("--image-size", eval.image_size_px, "Side of the model's input in pixels");
  command.add_option("--max-length", eval.max_length, "Tokens of a text with <s> and </s>")->check(kCount);
  command.add_option("--device", engine.device, "auto, cpu, cuda, cuda:N or several: cuda:0,cuda:1")
      ->capture_default_str();
  command.add_option("--dtype", arguments.dtype, "fp32, bf16 or fp16")->capture_default_str();
  command.add_option("--threads", engine.threads,
                     "CPU threads that compute, of each device (default: all cores)");
  command.add_option("--loader-threads", engine.loader_threads,
                     "Threads that decode images (default: by device)");
  command
      .add_option("--batch-size", engine.pairs_per_batch,
                  "Pairs in one fusion pass (default: by device and its memory)")
      ->check(kCount);
  command
      .add_option("--images-per-unit", engine.plan.images_per_unit,
                  "Images of one work unit (default: by device)")
      ->check(kCount);
  command
      .add_option(
          "--on-bad-image", arguments.on_bad_image,
          "Missing or damaged images. fail: stop; wrong: no answer, counted as wrong; exclude: left out "
          "of the score, whose signature says so; the last two end with exit status 6")
      ->capture_default_str();
  command
      .add_option(
          "--io-retries", arguments.io_retries,
          "How often a failing read of a network file system is tried again, after 0.1, 0.4, 1.6, … s")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
}

void add_ranks(CLI::App& command, EvalArguments& arguments) {
  constexpr const char* kGroup = "Several processes (torchrun, srun, mpirun, --devices)";
  command
      .add_option("--devices", arguments.devices,
                  "Start a process on each: 0,1 are two GPUs of this machine, cpu,cpu two on the processor")
      ->group(kGroup);
  command
      .add_option("--prove-invariance", arguments.prove,
                  "Show on a sample that the number of processes changes no bit and half the batch size no "
                  "answer: with 1 and N processes (default: one a device, or 2)")
      ->expected(0, 1)
      ->default_str("0")
      ->check(CLI::Range(0, 64))
      ->group(kGroup);
  command
      .add_option("--rank-timeout", arguments.rank_timeout_s,
                  "Seconds without a sign of life after which a process counts as lost")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option(
          "--unit-timeout", arguments.unit_timeout_s,
          "Seconds after which a process counts as lost that lives but finishes no unit of those that it "
          "has taken; 0: never")
      ->check(CLI::Range(0.0, 864000.0))
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_option(
          "--on-lost-rank", arguments.on_lost_rank,
          "take-over: the others do the work of a lost process; stop: the run ends and can be resumed")
      ->check(CLI::IsMember({"take-over", "stop"}))
      ->capture_default_str()
      ->group(kGroup);
}

void add_shard(CLI::App& command, EvalArguments& arguments) {
  command.add_option(
      "--shard", arguments.shard,
      "I/N: only every N-th work unit, for array jobs; bteval merge joins the N run directories");
}

void add_retrieval(CLI::App& command, EvalArguments& arguments) {
  RetrievalOptions& retrieval = arguments.eval.retrieval;
  const auto add = [&](const char* name, auto& value, const char* description) {
    return command.add_option(name, value, description)->group("Retrieval (flickr30k, coco)");
  };
  add("--protocol", retrieval.protocol,
      "itm: BridgeTower's two stages; albef, blip: the same candidates, ranked as there; itc: embeddings "
      "alone; itm-all, rank-all: the ITM logit or rank_output of every pair")
      ->capture_default_str();
  add("--top-k", retrieval.top_k, "Candidates of each direction (default: 128 for flickr30k, 256 for coco)")
      ->check(kCount);
  add("--ties", retrieval.ties, "id, optimistic or pessimistic")->capture_default_str();
  add("--folds", retrieval.folds, "5k: all images; 1k: mean over folds of 1,000; both")
      ->capture_default_str();
  add("--fold-images", retrieval.fold.fold_images, "Images of a fold")->capture_default_str()->check(kCount);
  add("--fold-count", retrieval.fold.folds, "Number of folds")->capture_default_str()->check(kCount);
  command
      .add_flag("--unique-captions", retrieval.unique_captions,
                "Drop captions that an earlier one of the same image equals")
      ->group("Retrieval (flickr30k, coco)");
  add("--trec-depth", retrieval.trec_depth, "Answers a query in the TREC runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000'000));
  add("--text-cache", arguments.text_cache_mib,
      "MiB of text features to keep between units; never changes a result (default: by device)")
      ->check(kCount);
}

/// Everything is written by now; the exit status says that something was refused.
void refuse(std::uint64_t refused) {
  if (refused > 0) {
    throw Error(ErrorCode::kRefused,
                fmt::format("finished, but {} samples were refused: see manifest.json", refused));
  }
}

/// Has other processes do the work, where that is asked for: true, or this one ends with their exit status.
bool leave_to_processes(const EvalArguments& arguments) {
  const EvalOptions& eval = arguments.eval;
  if (arguments.prove) {
    const Words devices =
        arguments.devices.empty() ? Words{eval.engine.device} : parse_device_list(arguments.devices);
    prove_on_devices(eval, !arguments.suite.empty(), devices, *arguments.prove);
    return true;
  }
  if (arguments.devices.empty()) return false;
  if (is_one_of_many()) {
    throw Error(
        ErrorCode::kUsage,
        "--devices starts processes itself: leave it out where a launcher (torchrun, srun, mpirun) does");
  }
  const int status = run_on_devices(eval.command, parse_device_list(arguments.devices));
  if (status != 0) throw CLI::RuntimeError(status);
  return true;
}

void run(EvalArguments arguments) {
  EvalOptions& eval = arguments.eval;
  const auto require = [](bool given, const char* message) {
    if (!given) throw Error(ErrorCode::kUsage, message);
  };
  eval.engine.dtype = engine::parse_data_type(arguments.dtype);
  eval.engine.on_bad_image = engine::parse_on_bad_image(arguments.on_bad_image);
  set_io_retries(arguments.io_retries);
  if (arguments.resize_order == "pillow-13") eval.resize_order = image::PassOrder::kPillow13;
  eval.team_options.rank_timeout = std::chrono::milliseconds(std::llround(arguments.rank_timeout_s * 1000));
  eval.team_options.unit_timeout = std::chrono::milliseconds(std::llround(arguments.unit_timeout_s * 1000));
  if (!arguments.shard.empty()) eval.shard = parse_shard(arguments.shard);
  if (arguments.on_lost_rank == "stop") eval.team_options.on_lost = distributed::OnLostRank::kStop;
  if (!arguments.config.empty()) eval.config = arguments.config;
  if (arguments.text_cache_mib) eval.retrieval.engine.text_cache_bytes = *arguments.text_cache_mib << 20U;
  require(eval.dry_run || !eval.out.empty(), "--out is missing: the run directory to write");
  if (leave_to_processes(arguments)) return;
  if (!arguments.suite.empty()) {
    require(eval.task.empty() && eval.model.empty() && eval.data.empty(),
            "--suite brings its own task, --model and --data");
  } else {
    require(!eval.task.empty(),
            "the task is missing: vqav2, nlvr2, snli-ve, flickr30k, coco, or --suite mini");
    require(!eval.model.empty(), "--model is missing");
    require(!eval.data.empty(), "--data is missing");
  }
  std::uint64_t refused = 0;
  run_in_team(eval, [&](const EvalOptions& options) {
    if (!arguments.suite.empty()) {
      refused = evaluate_suite(arguments.suite, options);
    } else if (const std::optional<EvalResult> result = evaluate(options)) {
      refused = result->refused;
    }
  });
  refuse(refused);
}

}  // namespace

void setup_eval(CLI::App& app, std::vector<std::string> command_line) {
  CLI::App& command = *app.add_subcommand("eval", "Evaluate a checkpoint on a data set");
  const auto arguments = std::make_shared<EvalArguments>();
  arguments->eval.command = std::move(command_line);
  add_what(command, *arguments);
  add_how(command, *arguments);
  add_ranks(command, *arguments);
  add_shard(command, *arguments);
  add_retrieval(command, *arguments);
  command.callback([arguments, &command] {
    EvalOptions& eval = arguments->eval;
    if (command.count("--split") == 0 && (eval.task == "flickr30k" || eval.task == "coco"))
      eval.split = "test";
    run(*arguments);
  });
}

}  // namespace bteval::app
