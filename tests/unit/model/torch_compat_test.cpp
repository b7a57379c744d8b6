#include "model/torch_compat.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/compute_threads.h"
#include "unit/model/filled_tensors.h"

namespace bteval::model {
namespace {

class ParallelRanges : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::kComputeThreads == 1) GTEST_SKIP() << "ThreadSanitizer cannot see OpenMP's barriers";
  }
  ~ParallelRanges() override { at::set_num_threads(before_); }
  int before_ = at::get_num_threads();
};

TEST_F(ParallelRanges, CoverEveryNumberOnce) {
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    for (const std::int64_t count : {0, 1, 2, 7, 100, 100000}) {
      for (const std::int64_t grain : {1, 3, 1000}) {
        std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
        parallel_ranges(count, grain, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
        });
        for (const std::atomic<int>& times : seen)
          ASSERT_EQ(times, 1) << threads << " " << count << " " << grain;
      }
    }
  }
}

TEST_F(ParallelRanges, RunOnSeveralThreads) {
  at::set_num_threads(2);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  parallel_ranges(2, 1, [&](std::int64_t, std::int64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(threads.size(), at::get_num_threads() == 1 ? 1U : 2U);
}

TEST_F(ParallelRanges, HandOnWhatIsThrown) {
  at::set_num_threads(2);
  EXPECT_THROW(parallel_ranges(8, 1, [](std::int64_t, std::int64_t) { throw std::runtime_error("x"); }),
               std::runtime_error);
}

/// Whether new tensors are to be filled; nothing before LibTorch 2.2, which cannot be told.
template <typename Context>
std::optional<bool> filling(const Context& context) {
  if constexpr (requires { context.deterministicFillUninitializedMemory(); })
    return context.deterministicFillUninitializedMemory();
  return std::nullopt;
}

TEST(ReproducibleAlgorithms, FillNewTensorsOnDemandOnly) {
  if (!filling(at::globalContext())) GTEST_SKIP() << "this LibTorch has no such setting";
  {
    const testing::FilledTensors filled;
    EXPECT_EQ(filling(at::globalContext()), true);
    EXPECT_TRUE(filled.work_here());
  }
  choose_reproducible_algorithms();
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
  EXPECT_EQ(filling(at::globalContext()), false);
  at::globalContext().setDeterministicAlgorithms(false, false);
}

}  // namespace
}  // namespace bteval::model
