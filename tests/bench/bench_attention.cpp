// Attention as BridgeTower-base needs it at 384 pixels: 577 image rows, texts of 12 tokens. One thread, CPU
// time.
//
//   bench_attention [--benchmark_filter=...]   BTEVAL_BENCH_DTYPE=fp32|bf16
//
// Two runs with --benchmark_out are set side by side by Google Benchmark's compare.py.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>
#include <string>

#include "model/attention.h"

namespace {

using namespace bteval::model;

constexpr std::int64_t kWidth = 768, kHeads = 12, kImageRows = 577, kTokens = 12, kPairs = 4;

Placement placement() {
  at::set_num_threads(1);
  const char* dtype = std::getenv("BTEVAL_BENCH_DTYPE");
  return {at::kCPU, dtype != nullptr && std::string(dtype) == "bf16" ? at::kBFloat16 : at::kFloat};
}

LinearParameters projection() {
  return {at::randn({kWidth, kWidth}).mul_(0.036), at::randn({kWidth}).mul_(0.1)};
}

at::Tensor rows(std::int64_t count) { return at::randn({kPairs, count, kWidth}).to(placement().dtype); }

/// An image over itself: what both towers' and the fusion's time goes into besides the products. 0: with the
/// scores in memory, 1: LibTorch's fused attention, 2: our kernel.
void self_attention(benchmark::State& state) {
  const c10::InferenceMode guard;
  const at::Tensor q = rows(kImageRows), k = rows(kImageRows), v = rows(kImageRows);
  const AttentionKind kind{kHeads, state.range(0) != 0, state.range(0) == 2};
  for (auto _ : state) benchmark::DoNotOptimize(attend(q, k, v, kind, {}));
  state.SetItemsProcessed(state.iterations() * kPairs);
}
BENCHMARK(self_attention)->ArgName("fused")->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

/// An image over a text, with the image's query and output projections: as products, and absorbed.
void image_over_text(benchmark::State& state) {
  const c10::InferenceMode guard;
  const Placement place = placement();
  const LinearParameters query = projection(), output = projection();
  const Linear project_query = query.place(place), project_output = output.place(place);
  const FewKeysAttention few_keys(query, output, kHeads, place);
  const at::Tensor x = rows(kImageRows), k = rows(kTokens), v = rows(kTokens);
  for (auto _ : state) {
    if (state.range(0) != 0) {
      benchmark::DoNotOptimize(few_keys(x, k, v, {}, x));
    } else {
      benchmark::DoNotOptimize(
          project_output(attend(project_query(x), k, v, {kHeads, true, true}, {})).add_(x));
    }
  }
  state.SetItemsProcessed(state.iterations() * kPairs);
}
BENCHMARK(image_over_text)->ArgName("absorbed")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// A text over an image, with the image's key and value projections.
void text_over_image(benchmark::State& state) {
  const c10::InferenceMode guard;
  const Placement place = placement();
  const LinearParameters key = projection(), value = projection();
  const LinearStack project({key, value}, place);
  const FewQueriesAttention few_queries(key, value, kHeads, place);
  const at::Tensor q = rows(kTokens), y = rows(kImageRows);
  for (auto _ : state) {
    if (state.range(0) != 0) {
      benchmark::DoNotOptimize(few_queries(q, y, {}));
    } else {
      const std::vector<at::Tensor> kv = project(y);
      benchmark::DoNotOptimize(attend(q, kv[0], kv[1], {kHeads, true}, {}));
    }
  }
  state.SetItemsProcessed(state.iterations() * kPairs);
}
BENCHMARK(text_over_image)->ArgName("absorbed")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// Softmax over the keys of each image row, 12 a head: in the last dimension, and over columns.
void softmax_over_few(benchmark::State& state) {
  const c10::InferenceMode guard;
  const bool columns = state.range(0) != 0;
  const at::Tensor scores = (columns ? at::randn({kPairs, kHeads, kTokens, kImageRows})
                                     : at::randn({kPairs, kImageRows, kHeads, kTokens}))
                                .to(placement().dtype);
  for (auto _ : state) benchmark::DoNotOptimize(at::softmax(scores, columns ? 2 : 3));
  state.SetItemsProcessed(state.iterations() * kPairs);
}
BENCHMARK(softmax_over_few)->ArgName("columns")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
