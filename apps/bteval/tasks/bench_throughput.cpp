// Offline throughput and single-stream latency on inputs that are ready.
#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <iostream>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/device.h"
#include "tasks/bench_modes.h"
#include "tasks/bench_work.h"
#include "tasks/probe_forward.h"

namespace bteval::app {
namespace {

// Of the rates between two repeats: of matrices as long as a repeat takes, within limits.
constexpr double kLeastMatrixSeconds = 0.1, kMostMatrixSeconds = 1.2, kMemorySeconds = 0.3;

engine::PreparedWork make_work(const BenchOptions& options, const model::ModelConfig& config) {
  return options.inputs.empty() ? random_work(options, config) : read_work(options.inputs);
}

/// The rates of matrices and of memory before and after each repeat: a machine's clock and neighbours change.
class Peak {
 public:
  Peak(const BenchOptions& options, double repeat_seconds)
      : matrix_seconds_(std::clamp(repeat_seconds, kLeastMatrixSeconds, kMostMatrixSeconds)),
        device_(engine::parse_device(options.engine.device)),
        dtype_(options.engine.dtype),
        clock_(options.clock) {}
  void measure() {
    const auto rates = engine::measure_matrix_rates(device_, dtype_, matrix_seconds_, clock_);
    products_.resize(rates.size());
    for (std::size_t p = 0; p < rates.size(); ++p) {
      products_[p].name = rates[p].product;
      products_[p].highest = std::max(products_[p].highest, rates[p].highest);
      products_[p].sustained.seconds.push_back(rates[p].sustained);
    }
    bytes_.seconds.push_back(engine::measure_memory_peak(device_, kMemorySeconds, clock_));
  }
  MachinePeak peak() const {
    MachinePeak result;
    for (const Product& product : products_) result.flops = std::max(result.flops, product.highest);
    result.memory_bytes = bytes_.worst();
    const std::vector<double>& sustained = fastest().sustained.seconds;
    for (std::size_t i = 0; i + 1 < sustained.size(); ++i)
      result.flops_beside.push_back((sustained[i] + sustained[i + 1]) / 2);
    return result;
  }
  OrderedJson matrix_json() const {
    const Timings& sustained = fastest().sustained;
    return {{"gflops", peak().flops * 1e-9},
            {"sustained_gflops",
             {{"product", fastest().name},
              {"median", sustained.median() * 1e-9},
              {"low", sustained.best() * 1e-9},
              {"high", sustained.worst() * 1e-9}}}};
  }
  OrderedJson memory_json() const {
    return {{"gigabytes_per_second", bytes_.worst() * 1e-9},
            {"median_gigabytes_per_second", bytes_.median() * 1e-9}};
  }

 private:
  struct Product {
    std::string name;
    double highest = 0;
    Timings sustained;  // rates: the worst "time" is the highest
  };
  /// The product that is fastest all in all: the fastest of each moment would be the luckiest one.
  const Product& fastest() const {
    return *std::ranges::max_element(products_, {}, [](const Product& p) { return p.sustained.median(); });
  }

  double matrix_seconds_;
  at::Device device_;
  engine::DataType dtype_;
  engine::StageClock clock_;
  std::vector<Product> products_;
  Timings bytes_;  // rates, too
};

/// Largest difference, and how many rows have another greatest column.
struct Agreement {
  double max_difference = 0;
  std::int64_t other_predictions = 0;
};
Agreement compare(const at::Tensor& a, const at::Tensor& b) {
  return {(a - b).abs().max().item<double>(), a.argmax(1).ne(b.argmax(1)).sum().item<std::int64_t>()};
}

OrderedJson model_json(const BenchModel& model, std::size_t pairs, const MachinePeak& peak) {
  const Timings& timings = model.timings();
  OrderedJson json = {{"name", model.name()}};
  json.update(timings_json(timings));
  json["pairs_per_second"] = static_cast<double>(pairs) / timings.median();
  json["gflop"] = model.flop() * 1e-9;
  json["gflops"] = model.flop() / timings.median() * 1e-9;
  json["share_of_peak"] = model.flop() / timings.median() / peak.flops;
  if (const auto shares = shares_of_sustained(timings, model.flop(), peak))
    json["share_of_sustained"] = ratio_json(*shares);
  json["stages"] = stages_json(model.stages(), peak);
  json["logits_sha256"] = model.digest();
  return json;
}

std::string model_text(const BenchModel& model, std::size_t pairs, const MachinePeak& peak) {
  const Timings& timings = model.timings();
  return fmt::format("{}: {:.3f} s (median of {}; {:.3f} to {:.3f}), {:.3f} pairs/s, {:.1f} % of peak\n{}",
                     model.name(), timings.median(), timings.seconds.size(), timings.best(), timings.worst(),
                     static_cast<double>(pairs) / timings.median(),
                     100.0 * model.flop() / timings.median() / peak.flops, stages_text(model.stages(), peak));
}

Timings ratios(const BenchModel& other, const BenchModel& all) {
  Timings result;
  for (std::size_t i = 0; i < all.timings().seconds.size(); ++i)
    result.seconds.push_back(other.timings().seconds[i] / all.timings().seconds[i]);
  return result;
}

void say(const OrderedJson& line) {
  std::cout << line.dump() << std::endl;  // flushed: somebody waits for it
}

/// Repeats where another program says so, until it ends its output.
void run_paced(BenchModel& model, const engine::PreparedWork& work) {
  say({{"ready", true}, {"pairs", work.size()}, {"logits_sha256", model.digest()}});
  for (std::string line; std::getline(std::cin, line);) {
    throw_if_interrupted();
    model.repeat(work);
    say({{"seconds", model.timings().seconds.back()}});
  }
  if (model.timings().seconds.empty()) throw Error(ErrorCode::kUsage, "--paced: nothing on standard input");
}

}  // namespace

BenchReport bench_throughput(const BenchOptions& options) {
  std::deque<BenchModel> models;
  {
    const checkpoint::Checkpoint checkpoint = open_bench_checkpoint(options);
    models.emplace_back(options.without.empty() ? "all savings" : "without them", checkpoint, options,
                        chosen_savings(options));
    if (options.compare) models.emplace_back("all savings", checkpoint, options, model::Savings{});
  }
  const engine::PreparedWork work = make_work(options, models[0].bridgetower().config());
  const double start = engine::read_clock(engine::StageClock::kWall);
  for (BenchModel& model : models) model.warm_up(work, options.warm_up);
  const double warm_up_seconds = engine::read_clock(engine::StageClock::kWall) - start;
  if (!options.outputs.empty()) write_tensors(options.outputs, {{"logits", models[0].logits()}});
  Peak peak(options, warm_up_seconds);
  peak.measure();
  if (options.paced) run_paced(models[0], work);
  for (std::uint32_t i = 0; i < options.repeats && !options.paced; ++i) {
    for (BenchModel& model : models) {
      throw_if_interrupted();
      model.repeat(work);
    }
    peak.measure();
  }
  BenchReport report;
  report.json = {{"images", work.pixels.size(0)},
                 {"pairs", work.size()},
                 {"matrix_peak", peak.matrix_json()},
                 {"memory_peak", peak.memory_json()}};
  const MachinePeak highest = peak.peak();
  report.text =
      fmt::format("{} images, {} pairs; matrix peak {:.1f} GFLOP/s, memory {:.1f} GB/s\n",
                  work.pixels.size(0), work.size(), highest.flops * 1e-9, highest.memory_bytes * 1e-9);
  for (const BenchModel& model : models) {
    report.json["runs"].push_back(model_json(model, work.size(), highest));
    report.text += model_text(model, work.size(), highest);
  }
  if (options.compare) {
    const Timings gain = ratios(models[0], models[1]);
    const Agreement agreement = compare(models[0].logits(), models[1].logits());
    report.json["gain"] = ratio_json(gain);
    report.json["max_logit_difference"] = agreement.max_difference;
    report.json["other_predictions"] = agreement.other_predictions;
    report.text += fmt::format(
        "gain: {:.3f} times (median of the repeats' ratios; {:.3f} to {:.3f}); logits differ by {:.2g} at "
        "most, {} of {} predictions\n",
        gain.median(), gain.best(), gain.worst(), agreement.max_difference, agreement.other_predictions,
        work.size());
  }
  return report;
}

BenchReport bench_latency(const BenchOptions& options) {
  BenchOptions query = options;
  query.engine.plan.images_per_unit = 1;
  query.texts_per_image = 1;
  query.images = options.queries;
  BenchModel model("single stream", open_bench_checkpoint(query), query, chosen_savings(query));
  const engine::PreparedWork work = make_work(query, model.bridgetower().config());
  const engine::StagedRunner runner(model.bridgetower(), query.engine);
  const engine::StagedHead head = options.head == "itm" ? engine::StagedHead::kItm : engine::StagedHead::kVqa;
  Timings timings;
  for (std::uint32_t round = 0; round < query.warm_up + query.repeats; ++round) {
    for (std::size_t q = 0; q < work.size(); ++q) {
      throw_if_interrupted();
      const engine::PreparedWork one = {
          work.pixels.narrow(0, work.image_of_text[q], 1), {work.texts[q]}, {0}};
      engine::StageTimes ignored;
      const auto start = std::chrono::steady_clock::now();
      runner.run(one, head, ignored);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      if (round >= query.warm_up) timings.seconds.push_back(took.count());
    }
  }
  BenchReport report;
  report.json["queries"] = timings.seconds.size();
  report.text =
      fmt::format("single stream, {} queries of one image and one text, in ms:", timings.seconds.size());
  for (const int percent : {50, 90, 99}) {
    report.json["latency_s"][fmt::format("p{}", percent)] = timings.percentile(percent);
    report.text += fmt::format(" p{} {:.1f}", percent, timings.percentile(percent) * 1e3);
  }
  report.json["latency_s"].update({{"min", timings.best()}, {"max", timings.worst()}});
  report.text += fmt::format(" (min {:.1f}, max {:.1f})\n", timings.best() * 1e3, timings.worst() * 1e3);
  return report;
}

}  // namespace bteval::app
