#include "metrics/four_streams.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bteval::metrics {
namespace {

/// Bounds that never, rarely, often reject; lengths around the eight numbers of a step.
TEST(FourStreams, GiveWhatEachStreamAloneGives) {
  for (const std::uint32_t bound : {1u, 2u, 1000u, 81'434u, 1u << 31, 3'000'000'000u, 4'294'967'295u}) {
    for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 31u, 538u, 1024u, 60'000u}) {
      std::array<RandomBits, 4> together = {RandomBits(3, 0), RandomBits(3, 1), RandomBits(3, 2),
                                            RandomBits(3, 3)};
      std::array<RandomBits, 4> alone = together;
      std::vector<std::vector<std::uint32_t>> numbers(4, std::vector<std::uint32_t>(count + 1, 77));
      const std::array<std::uint32_t*, 4> out = {numbers[0].data(), numbers[1].data(), numbers[2].data(),
                                                 numbers[3].data()};
      fill_below(together, bound, out, count);
      for (std::size_t k = 0; k < 4; ++k) {
        std::vector<std::uint32_t> expected(count + 1, 77);
        alone[k].fill_below(bound, std::span(expected.data(), count));
        ASSERT_EQ(numbers[k], expected) << "stream " << k << ", bound " << bound << ", " << count;
        ASSERT_EQ(together[k].next(), alone[k].next()) << "stream " << k << ", bound " << bound;
      }
    }
  }
}

}  // namespace
}  // namespace bteval::metrics
