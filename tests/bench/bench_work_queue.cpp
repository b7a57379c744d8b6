// What handing out one unit and taking its result cost: WorkQueue over c10d's store on this machine, as a
// rank other than 0 pays it beside its work.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "distributed/coordinator.h"
#include "distributed/work_queue.h"

namespace {

using namespace bteval::distributed;

World world_of(int rank) {
  World world;
  world.rank = rank;
  world.size = 2;
  world.local_rank = rank;
  world.local_size = 2;
  world.address = "127.0.0.1";
  world.port = 29517;
  return world;
}

/// The answers of 64 samples, as a classifier's unit has them.
void hand_out_and_take(benchmark::State& state) {
  Team rank0(world_of(0), {});
  Team rank1(world_of(1), {});
  Roll roll(2);
  std::vector<std::uint64_t> items(1'000'000);
  std::iota(items.begin(), items.end(), std::uint64_t{0});
  std::uint64_t taken = 0;
  Coordinator coordinator(rank0, roll, "units", items, [&](std::uint64_t, std::string_view) { ++taken; });
  WorkQueue queue(rank1, "units");
  const std::string result(64 * 20, 'x');
  for (auto _ : state) queue.send(queue.next().value(), result);
  state.SetLabel("64 answers a unit");
}
BENCHMARK(hand_out_and_take)->UseRealTime()->Iterations(2000)->Unit(benchmark::kMicrosecond);

}  // namespace
