// What this machine reaches while a benchmark runs: the clock of its timings, and rates to set them against.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "engine/options.h"

namespace bteval::engine {

/// What seconds are.
enum class StageClock {
  kWall,
  kProcessor,  ///< of all threads of the process: hardly changes while others use the same cores, but counts
               ///< threads that wait actively; for one thread
};
/// Seconds from an arbitrary start.
double read_clock(StageClock clock);

/// Returns when the device has done all that it was given.
void wait_for(const at::Device& device);

/// Operations a second of one matrix product; a multiplication and an addition are two.
struct MatrixRate {
  std::string product;   ///< "2308x768x3072 dense": rows, inputs, outputs, and how its weights lie in memory
  double highest = 0;    ///< of the fastest single product
  double sustained = 0;  ///< of all of them together: their operations over their time
};

/// The rates of some products, those of the towers' shapes among them, with this process's threads. They take
/// turns for `seconds`, so that all see the same clock rate and the same neighbours; each runs at least once.
std::vector<MatrixRate> measure_matrix_rates(const at::Device& device, DataType dtype, double seconds,
                                             StageClock clock = StageClock::kWall);

/// Bytes a second that this device's threads read of a tensor far larger than its caches. Takes `seconds`.
double measure_memory_peak(const at::Device& device, double seconds, StageClock clock = StageClock::kWall);

}  // namespace bteval::engine
