// Towers and fusion of a base-size BridgeTower with random weights.
//
//   bench_model [--benchmark_filter=...]   BTEVAL_BENCH_THREADS, BTEVAL_BENCH_DTYPE=fp32|bf16,
//   BTEVAL_BENCH_SIZE=384
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "model/bridgetower.h"
#include "unit/model/tiny_model.h"

namespace {

using bteval::model::BridgeTower;

int number_from_environment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::atoi(value) : otherwise;
}

bteval::testing::TinyShape base_shape() {
  bteval::testing::TinyShape shape;
  shape.hidden = shape.text_width = shape.vision_width = 768;
  shape.heads = shape.text_heads = 12;
  shape.cross_layers = 6;
  shape.ffn = shape.vision_ffn = 3072;
  shape.layers = shape.vision_layers = 12;
  shape.vocab = 50265;
  shape.positions = 514;
  shape.patch = 16;
  shape.grid = number_from_environment("BTEVAL_BENCH_SIZE", 384) / 16;
  shape.labels = 3129;
  return shape;
}

/// One model for all benchmarks: half a gigabyte of random numbers takes a while.
const BridgeTower& base_model() {
  static const BridgeTower model = [] {
    at::set_num_threads(number_from_environment("BTEVAL_BENCH_THREADS", 2));
    const char* dtype = std::getenv("BTEVAL_BENCH_DTYPE");
    const bool bf16 = dtype != nullptr && std::string(dtype) == "bf16";
    const auto checkpoint = bteval::testing::tiny_checkpoint(bteval::model::Family::kOfficial, base_shape());
    return BridgeTower::load(checkpoint, bteval::model::resolve_config(checkpoint),
                             {at::kCPU, bf16 ? at::kBFloat16 : at::kFloat});
  }();
  return model;
}

void encode_images(benchmark::State& state) {
  const BridgeTower& model = base_model();
  const auto batch = bteval::testing::tiny_batch(base_shape(), std::vector<std::int64_t>(state.range(0), 10));
  for (auto step : state) benchmark::DoNotOptimize(model.encode_image(batch.pixels));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_images)->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond)->UseRealTime();

void encode_texts(benchmark::State& state) {
  const BridgeTower& model = base_model();
  const auto batch = bteval::testing::tiny_batch(base_shape(), std::vector<std::int64_t>(state.range(0), 12));
  for (auto step : state) benchmark::DoNotOptimize(model.encode_text(batch.ids, batch.mask));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_texts)->Arg(5)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Several questions about one image: what the engine runs for VQAv2.
void fuse_questions(benchmark::State& state) {
  const BridgeTower& model = base_model();
  const auto batch = bteval::testing::tiny_batch(base_shape(), std::vector<std::int64_t>(state.range(0), 12));
  const auto text = model.encode_text(batch.ids, batch.mask);
  const auto image = model.encode_image(batch.pixels.slice(0, 0, 1).contiguous());
  const at::Tensor rows = at::zeros({state.range(0)}, at::kLong);
  for (auto step : state) benchmark::DoNotOptimize(model.fuse(text, select(image, rows)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(fuse_questions)->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The same with every row of the last layer, which the official implementation computes.
void fuse_all_rows(benchmark::State& state) {
  const BridgeTower& model = base_model();
  const auto batch = bteval::testing::tiny_batch(base_shape(), std::vector<std::int64_t>(state.range(0), 12));
  const auto text = model.encode_text(batch.ids, batch.mask);
  const auto image = model.encode_image(batch.pixels.slice(0, 0, 1).contiguous());
  const at::Tensor rows = at::zeros({state.range(0)}, at::kLong);
  for (auto step : state) benchmark::DoNotOptimize(model.fuse(text, select(image, rows), true));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(fuse_all_rows)->Arg(5)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
