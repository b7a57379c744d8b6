// Random numbers for four resamples at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrics/random_bits.h"

namespace bteval::metrics {

/// Fills out[k][0..count) with what streams[k].fill_below(bound, ...) would fill it with, and leaves the
/// streams where that would leave them. With AVX2, where the processor has it, in half the time.
void fill_below(std::array<RandomBits, 4>& streams, std::uint32_t bound,
                const std::array<std::uint32_t*, 4>& out, std::size_t count);

}  // namespace bteval::metrics
