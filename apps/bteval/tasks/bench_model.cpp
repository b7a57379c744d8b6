#include "tasks/bench_model.h"

#include "core/error.h"
#include "core/hash.h"
#include "engine/device.h"
#include "model/random_checkpoint.h"

namespace bteval::app {
namespace {

engine::StagedHead parse_head(const std::string& name) {
  if (name == "vqa") return engine::StagedHead::kVqa;
  if (name == "itm") return engine::StagedHead::kItm;
  throw Error(ErrorCode::kUsage, fmt::format("--head is vqa or itm, not \"{}\"", printable(name, 40)));
}

model::BridgeTower load(const checkpoint::Checkpoint& checkpoint, const BenchOptions& options,
                        const model::Savings& savings) {
  engine::set_compute_threads(options.engine.threads);
  return model::BridgeTower::load(
      checkpoint, model::resolve_config(checkpoint),
      {engine::parse_device(options.engine.device), engine::scalar_type(options.engine.dtype), savings});
}

}  // namespace

checkpoint::Checkpoint open_bench_checkpoint(const BenchOptions& options) {
  if (!options.model.empty()) return checkpoint::open_checkpoint(options.model, options.config);
  return model::random_checkpoint(model::RandomShape::named(options.shape, options.engine.transform.size_px),
                                  options.seed);
}

std::string digest_of(const at::Tensor& values) {
  const at::Tensor dense = values.contiguous();
  return sha256(std::as_bytes(std::span(dense.data_ptr<float>(), static_cast<std::size_t>(dense.numel()))));
}

BenchModel::BenchModel(std::string name, const checkpoint::Checkpoint& checkpoint,
                       const BenchOptions& options, const model::Savings& savings)
    : name_(std::move(name)),
      bridgetower_(load(checkpoint, options, savings)),
      runner_(bridgetower_, options.engine, options.clock),
      head_(parse_head(options.head)),
      clock_(options.clock) {}

void BenchModel::warm_up(const engine::PreparedWork& work, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times; ++i) {
    engine::StageTimes ignored;
    logits_ = runner_.run(work, head_, ignored);
  }
  digest_ = digest_of(logits_);
}

void BenchModel::repeat(const engine::PreparedWork& work) {
  engine::StageTimes times;
  const double start = engine::read_clock(clock_);
  const at::Tensor logits = runner_.run(work, head_, times);
  timings_.seconds.push_back(engine::read_clock(clock_) - start);
  stages_.push_back(times);
  if (digest_of(logits) != digest_)
    throw Error(ErrorCode::kInternal, "a timed run computed other values than the run before it");
}

std::vector<StageResult> BenchModel::stages() const {
  using engine::StageTime;
  struct Named {
    const char* name;
    const char* items;
    StageTime engine::StageTimes::*stage;
  };
  constexpr Named kStages[] = {{"vision", "images", &engine::StageTimes::vision},
                               {"text", "texts", &engine::StageTimes::text},
                               {"fusion", "pairs", &engine::StageTimes::fusion},
                               {"head", "rows", &engine::StageTimes::head}};
  std::vector<StageResult> results;
  for (const Named& named : kStages) {
    StageResult result{named.name, named.items};
    for (const engine::StageTimes& times : stages_) {
      const StageTime& stage = times.*named.stage;
      result.count = static_cast<double>(stage.items);
      result.flop = stage.flop;
      result.memory_bytes = stage.memory_bytes;
      result.timings.seconds.push_back(stage.seconds);
    }
    results.push_back(std::move(result));
  }
  return results;
}

double BenchModel::flop() const {
  const engine::StageTimes& times = stages_.at(0);
  return times.vision.flop + times.text.flop + times.fusion.flop + times.head.flop;
}

}  // namespace bteval::app
