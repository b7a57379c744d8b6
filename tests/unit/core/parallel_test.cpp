#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace bteval {
namespace {

TEST(ParallelFor, CallsTheBodyOnceForEachTurn) {
  for (const int threads : {0, 1, 2, 7}) {
    for (const std::size_t count : {0, 1, 5, 1000}) {
      for (const std::size_t chunk : {0, 1, 64}) {
        std::vector<std::atomic<int>> calls(count);
        parallel_for(
            count, threads, [&](std::size_t i) { ++calls[i]; }, chunk);
        for (const auto& call : calls) EXPECT_EQ(call, 1);
      }
    }
  }
}

TEST(ParallelFor, ThrowsWhatATurnThrowsAndLeavesTheOthersOut) {
  std::atomic<int> calls = 0;
  EXPECT_THROW(parallel_for(100000, 4,
                            [&](std::size_t i) {
                              ++calls;
                              if (i == 10) throw std::runtime_error("turn 10");
                            }),
               std::runtime_error);
  EXPECT_GE(calls, 1);
  EXPECT_LT(calls, 100000);
}

TEST(ParallelFor, ThrowsWhatIsNoException) {
  EXPECT_THROW(parallel_for(8, 3,
                            [](std::size_t i) {
                              if (i == 5) throw 42;
                            }),
               int);
}

TEST(WorkerCount, IsWhatWasAskedForOrTheCores) {
  EXPECT_EQ(worker_count(3), 3);
  EXPECT_GE(worker_count(0), 1);
}

}  // namespace
}  // namespace bteval
