#include "tasks/bench.h"

#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/version.h"
#include "engine/device.h"
#include "tasks/bench_modes.h"
#include "tasks/model_files.h"

namespace bteval::app {
namespace {

const char* mode_name(BenchMode mode) {
  switch (mode) {
    case BenchMode::kThroughput:
      return "throughput";
    case BenchMode::kLatency:
      return "latency";
    case BenchMode::kInput:
      return "input";
    case BenchMode::kEndToEnd:
      return "end-to-end";
  }
  return "?";
}

void check(const BenchOptions& options) {
  const auto require = [](bool holds, const char* message) {
    if (!holds) throw Error(ErrorCode::kUsage, message);
  };
  require(options.repeats > 0 && options.warm_up > 0, "--repeats and --warmup must be at least 1");
  require(options.images > 0 && options.texts_per_image > 0 && options.queries > 0,
          "--images, --texts-per-image and --queries must be at least 1");
  require(options.tokens == 0 || options.tokens >= 3, "--tokens must be at least 3: <s>, one token and </s>");
  const bool files = options.mode == BenchMode::kInput || options.mode == BenchMode::kEndToEnd;
  require(!files || !options.image_folder.empty(), "this mode needs --image-folder");
  require(!files || options.inputs.empty(), "--inputs belongs to throughput and latency");
  require(options.mode == BenchMode::kThroughput ||
              (!options.compare && !options.paced && options.outputs.empty()),
          "--compare, --paced and --outputs belong to throughput");
  require(options.mode == BenchMode::kThroughput || options.clock == engine::StageClock::kWall,
          "--clock belongs to throughput");
  require(options.mode != BenchMode::kEndToEnd || options.head == "vqa", "end-to-end times the VQA head");
  const model::Savings savings = chosen_savings(options);
  require(!options.compare || savings.kept_buffers,
          "kept-buffers is a setting of the whole process: time it without --compare");
  require(!options.compare || !options.without.empty(), "--compare needs a --without to compare with");
  require(options.mode != BenchMode::kEndToEnd || options.without.empty(),
          "end-to-end runs with all savings");
}

BenchReport run_mode(const BenchOptions& options) {
  switch (options.mode) {
    case BenchMode::kThroughput:
      return bench_throughput(options);
    case BenchMode::kLatency:
      return bench_latency(options);
    case BenchMode::kInput:
      return bench_input(options);
    case BenchMode::kEndToEnd:
      return bench_end_to_end(options);
  }
  throw Error(ErrorCode::kInternal, "unknown mode");
}

OrderedJson environment(const BenchOptions& options) {
  const engine::DeviceInfo info = engine::device_info(engine::parse_device(options.engine.device));
  return {{"bteval", version()},
          {"revision", git_revision()},
          {"mode", mode_name(options.mode)},
          {"libtorch", info.libtorch_version},
          {"device", options.engine.device},
          {"device_name", info.name},
          {"libtorch_build", info.blas},
          {"dtype", engine::data_type_name(options.engine.dtype)},
          {"threads", options.engine.threads},
          {"model", options.model.empty() ? options.shape + ", random weights" : options.model.string()},
          {"clock", options.clock == engine::StageClock::kWall ? "wall" : "processor"},
          {"image_size_px", options.engine.transform.size_px},
          {"without", options.without}};
}

}  // namespace

model::Savings chosen_savings(const BenchOptions& options) {
  model::Savings savings;
  for (const std::string& name : options.without) model::turn_off(savings, name);
  return savings;
}

text::Tokenizer bench_tokenizer(const BenchOptions& options) {
  EvalOptions eval;
  eval.model = options.model;
  eval.tokenizer = options.tokenizer;
  return text::Tokenizer::load(choose_tokenizer_folder(eval).value);
}

void run_bench(const BenchOptions& requested) {
  BenchOptions options = requested;
  check(options);
  options.engine.resolve();
  const BenchReport report = run_mode(options);
  OrderedJson json = environment(options);
  json.update(report.json);
  fmt::print("{}, LibTorch {}, {}, {} threads, {} px, {}{}{}\n{}", json["device_name"].get<std::string>(),
             json["libtorch"].get<std::string>(), json["dtype"].get<std::string>(), options.engine.threads,
             options.engine.transform.size_px, json["model"].get<std::string>(),
             options.clock == engine::StageClock::kWall ? "" : ", seconds of the processor",
             options.without.empty() ? "" : fmt::format(", without {}", fmt::join(options.without, ", ")),
             report.text);
  if (options.json.empty()) return;
  AtomicFile file(options.json);
  file.write(json.dump(2) + "\n");
  file.commit();
}

}  // namespace bteval::app
