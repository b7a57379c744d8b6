#include "engine/runner.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/device.h"
#include "engine/loaded_model.h"
#include "engine/prefetch.h"
#include "engine/unit_computer.h"
#include "engine/unit_loader.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

/// Units that a device works on at a time. While a GPU computes one, the host prepares the next, so that the
/// GPU never waits for it; a CPU has nothing to wait for.
int units_at_a_time(const at::Device& device) { return device.is_cuda() ? 2 : 1; }

}  // namespace

struct Runner::State {
  EngineOptions options;
  std::vector<std::unique_ptr<LoadedModel>> models;  // one a device
  std::vector<std::unique_ptr<UnitComputer>> computers;
  std::mutex mutex;
  std::vector<UnitComputer*> idle;  // guarded by mutex

  State(const checkpoint::Checkpoint& checkpoint, const EngineOptions& resolved);
  UnitOutput compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head);
  void run_in_parallel(OrderedPrefetch<LoadedUnit>& units, UnitSource& source,
                       const std::function<UnitOutput(const LoadedUnit&)>& compute_unit,
                       const std::function<void(const UnitOutput&)>& deliver) const;
  std::uint64_t times_lowered() const;
};

Runner::State::State(const checkpoint::Checkpoint& checkpoint, const EngineOptions& resolved)
    : options(resolved) {
  const std::vector<at::Device> devices = parse_devices(options.device);
  for (const at::Device& device : devices) {
    models.push_back(std::make_unique<LoadedModel>(checkpoint, options, device));
    for (int i = 0; i < units_at_a_time(device); ++i)
      computers.push_back(std::make_unique<UnitComputer>(*models.back()));
  }
  // Alternately, so that a few units reach all devices.
  for (int round = units_at_a_time(devices.front()); round > 0; --round) {
    for (std::size_t c = static_cast<std::size_t>(round) - 1; c < computers.size();
         c += static_cast<std::size_t>(units_at_a_time(devices.front())))
      idle.push_back(computers[c].get());
  }
}

/// With any computer that has nothing to do; there is one for each thread that calls this.
UnitOutput Runner::State::compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head) {
  UnitComputer* computer = nullptr;
  {
    const std::lock_guard lock(mutex);
    computer = idle.back();
    idle.pop_back();
  }
  const auto give_back = [&](UnitComputer* used) {
    const std::lock_guard lock(mutex);
    idle.push_back(used);
  };
  const std::unique_ptr<UnitComputer, decltype(give_back)> borrowed(computer, give_back);
  return borrowed->compute(loaded, set, head);
}

std::uint64_t Runner::State::times_lowered() const {
  std::uint64_t times = 0;
  for (const auto& computer : computers) times += computer->times_lowered();
  return times;
}

/// Computes with all computers at once; delivers in order. What has begun when a signal comes is finished.
void Runner::State::run_in_parallel(OrderedPrefetch<LoadedUnit>& units, UnitSource& source,
                                    const std::function<UnitOutput(const LoadedUnit&)>& compute_unit,
                                    const std::function<void(const UnitOutput&)>& deliver) const {
  const int threads = static_cast<int>(computers.size());  // with one more, one would find no computer idle
  OrderedPrefetch<UnitOutput, LoadedUnit> outputs([&] { return units.next(); }, threads, computers.size() * 2,
                                                  [&](const LoadedUnit& loaded) {
                                                    at::init_num_threads();  // a setting of each thread
                                                    return compute_unit(loaded);
                                                  });
  const ClosedAtEnd closed(source);
  bool stopping = false;
  while (const std::optional<UnitOutput> output = outputs.next()) {
    deliver(*output);
    if (interrupted() && !std::exchange(stopping, true)) outputs.stop_starting();
  }
  if (stopping) throw_if_interrupted();
}

Runner::Runner(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options)
    : state_(std::make_unique<State>(checkpoint, options)) {}
Runner::~Runner() = default;

std::int64_t Runner::head_width(Head head) const {
  const model::Head wanted = head == Head::kVqa    ? model::Head::kVqa
                             : head == Head::kSnli ? model::Head::kSnli
                                                   : model::Head::kNlvr2;
  const std::int64_t width = state_->models.front()->bridgetower.label_count(wanted);
  if (width == 0) throw Error(ErrorCode::kCheckpoint, "the checkpoint has no classifier for this task");
  return width;
}

const model::ModelConfig& Runner::config() const { return state_->models.front()->bridgetower.config(); }

std::vector<std::pair<std::string, std::string>> Runner::environment() const {
  return state_->models.front()->environment();
}

RunCounts Runner::run(const records::SampleSet& set, const text::Tokenizer& tokenizer, const PairPlan& plan,
                      Head head, const std::function<void(const UnitOutput&)>& sink) {
  std::vector<std::uint64_t> all(plan.units().size());
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  ListedUnits units(std::move(all));
  return run(set, tokenizer, plan, head, sink, units);
}

RunCounts Runner::run(const records::SampleSet& set, const text::Tokenizer& tokenizer, const PairPlan& plan,
                      Head head, const std::function<void(const UnitOutput&)>& sink, UnitSource& source) {
  const auto start = std::chrono::steady_clock::now();
  const UnitLoader loader(set, tokenizer, state_->options);
  const std::uint64_t ahead =
      state_->options.prefetch_units + (state_->computers.size() > 1 ? state_->computers.size() : 0);
  OrderedPrefetch<LoadedUnit> units([&] { return source.next(); }, state_->options.loader_threads, ahead,
                                    [&](std::uint64_t unit) { return loader.load(plan.units()[unit]); });
  const ClosedAtEnd closed(source);
  RunCounts counts;
  const std::uint64_t lowered_before = state_->times_lowered();
  const auto deliver = [&](const UnitOutput& output) {
    counts.units += 1;
    counts.samples += output.samples.size() + output.refused.size();
    counts.pairs += output.pairs;
    counts.image_passes += output.image_passes;
    counts.text_passes += output.text_passes;
    sink(output);
  };
  throw_if_interrupted();
  if (state_->computers.size() == 1) {
    // On this thread: glibc keeps freed memory for the process's first thread only (Savings::kept_buffers).
    while (const std::optional<LoadedUnit> loaded = units.next()) {
      deliver(state_->computers.front()->compute(*loaded, set, head));
      throw_if_interrupted();
    }
  } else {
    state_->run_in_parallel(
        units, source, [&](const LoadedUnit& loaded) { return state_->compute(loaded, set, head); }, deliver);
  }
  counts.times_lowered = state_->times_lowered() - lowered_before;
  counts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return counts;
}

}  // namespace bteval::engine
