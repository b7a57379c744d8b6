// Matrix products as BridgeTower-base needs them, on whichever BLAS LibTorch runs on: docs/dependencies.md.
// One thread, CPU time. The table's last column is bench_model's business, which knows the packed layout.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <string>

#include "engine/blas_guard.h"
#include "model/torch_compat.h"

namespace {

void report(benchmark::State& state, double flop) {
  state.counters["FLOP/s"] = benchmark::Counter(flop, benchmark::Counter::kIsIterationInvariantRate);
  const auto blas = bteval::engine::find_blas();
  state.SetLabel(blas.library.empty() ? "built in" : blas.library + " " + blas.core);
}

void linear_layer(benchmark::State& state) {
  const c10::InferenceMode guard;
  at::set_num_threads(1);
  const at::Tensor x = at::randn({2308, 768}), w = at::randn({3072, 768}), b = at::randn({3072});
  for (auto _ : state) benchmark::DoNotOptimize(at::linear(x, w, b));
  report(state, 2.0 * 2308 * 768 * 3072);
}
BENCHMARK(linear_layer)->Unit(benchmark::kMillisecond);

void packed_linear_layer(benchmark::State& state) {
  const c10::InferenceMode guard;
  at::set_num_threads(1);
  const at::Tensor x = at::randn({2308, 768}), w = at::randn({3072, 768}), b = at::randn({3072});
  const auto packed = bteval::model::pack_matrix(w, b);
  if (!packed) return state.SkipWithError("this LibTorch cannot pack matrices");
  for (auto _ : state) benchmark::DoNotOptimize(packed->product(x, b, bteval::model::Activation::kNone));
  report(state, 2.0 * 2308 * 768 * 3072);
}
BENCHMARK(packed_linear_layer)->Unit(benchmark::kMillisecond);

void attention_scores(benchmark::State& state) {
  const c10::InferenceMode guard;
  at::set_num_threads(1);
  const at::Tensor q = at::randn({4, 12, 577, 64}), k = at::randn({4, 12, 64, 577});
  for (auto _ : state) benchmark::DoNotOptimize(at::matmul(q, k));
  report(state, 2.0 * 4 * 12 * 577 * 577 * 64);
}
BENCHMARK(attention_scores)->Unit(benchmark::kMillisecond);

}  // namespace
