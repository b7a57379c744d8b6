#include "metrics/randomisation.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/parallel.h"
#include "metrics/random_bits.h"

namespace bteval::metrics {
namespace {

constexpr std::size_t kBits = 64;
constexpr std::size_t kLanes = 4;  // sums in flight: a single one would wait for each addition

using Signs = std::array<std::uint64_t, kLanes>;  // the sign bit where values are swapped

// By the four highest bits of a word; the highest one decides about the first value.
constexpr std::array<Signs, 16> kSigns = [] {
  std::array<Signs, 16> signs{};
  for (std::size_t bits = 0; bits < signs.size(); ++bits) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      signs[bits][lane] = (std::uint64_t{bits} << (60 + lane)) & (std::uint64_t{1} << 63);
  }
  return signs;
}();

// Sum of +x or -x by the bits of `random`.
double swapped_sum(const std::vector<double>& padded, RandomBits random) {
  std::array<double, kLanes> sums{};
  for (std::size_t begin = 0; begin < padded.size(); begin += kBits) {
    const std::uint64_t swaps = random.next();
    const double* const values = padded.data() + begin;
    for (std::size_t i = 0; i < kBits; i += kLanes) {
      const Signs& signs = kSigns[(swaps << i) >> 60];
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const auto bits = std::bit_cast<std::uint64_t>(values[i + lane]) ^ signs[lane];
        sums[lane] += std::bit_cast<double>(bits);
      }
    }
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

double randomisation_p_value(std::span<const double> differences, const ResamplingOptions& options) {
  // A cluster that does not differ adds nothing, swapped or not.
  std::vector<double> nonzero;
  double observed = 0, magnitude = 0;
  for (const double value : differences) {
    if (value == 0) continue;
    nonzero.push_back(value);
    observed += value;
    magnitude += std::abs(value);
  }
  if (std::isnan(observed)) return std::numeric_limits<double>::quiet_NaN();
  // Equal sums that were added up in another order differ in their last bits.
  const double tied = std::abs(observed) - 1e-12 * magnitude;
  nonzero.resize((nonzero.size() + kBits - 1) / kBits * kBits);
  std::atomic<std::uint64_t> as_far = 0;
  parallel_for(
      options.resamples, options.threads,
      [&](std::size_t resample) {
        const double sum = swapped_sum(nonzero, RandomBits(options.seed, resample));
        if (std::abs(sum) >= tied) as_far.fetch_add(1, std::memory_order_relaxed);
      },
      8);
  return (static_cast<double>(as_far) + 1) / (static_cast<double>(options.resamples) + 1);
}

}  // namespace bteval::metrics
