// How long a paired comparison takes, by size.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "metrics/paired_comparison.h"
#include "metrics/random_bits.h"

namespace bteval::metrics {
namespace {

// test2015: 447,793 questions about 81,434 images, bootstrap and randomisation with 10,000 resamples each.
void BM_PairedComparison(benchmark::State& state) {
  const auto samples = static_cast<std::size_t>(state.range(0)), clusters = samples * 81'434 / 447'793;
  RandomBits random(1, 0);
  std::vector<double> a(samples), b(samples);
  std::vector<std::uint32_t> cluster(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    cluster[i] = static_cast<std::uint32_t>(i * clusters / samples);
    a[i] = random.next() % 4 != 0 ? 1 : 0.3 * static_cast<double>(random.next() % 4);
    b[i] = random.next() % 5 != 0 ? a[i] : 0.3 * static_cast<double>(random.next() % 4);
  }
  const Measure percent{{{0, 100.0}}};
  for (auto _ : state) {
    const PairedColumn column{sum_by_cluster(a, cluster, clusters), sum_by_cluster(b, cluster, clusters)};
    benchmark::DoNotOptimize(compare_paired(std::span(&column, 1), std::span(&percent, 1), {}));
  }
}
BENCHMARK(BM_PairedComparison)->Arg(10'000)->Arg(447'793)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace bteval::metrics
