// Several devices, and devices whose memory does not suffice.
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "core/error.h"
#include "engine/device.h"
#include "integration/mini_engine.h"

namespace bteval {
namespace {

class EngineDevices : public MiniEngine {
 protected:
  void SetUp() override {
    MiniEngine::SetUp();
    options.threads = 1;
    options.plan.images_per_unit = 2;
  }
};

TEST_F(EngineDevices, HowManyThereAreNeverChangesABitNorTheOrder) {
  const auto one = logits(options);
  const engine::RunCounts alone = counts;
  std::vector<std::uint64_t> order;
  for (const char* devices : {"cpu,cpu", "cpu,cpu,cpu,cpu,cpu"}) {
    engine::EngineOptions several = options;
    several.device = devices;
    EXPECT_EQ(one, logits(several)) << devices;
    EXPECT_EQ(counts.units, alone.units);
    EXPECT_EQ(counts.pairs, alone.pairs);
    several.resolve();
    engine::Runner runner(checkpoint, several);
    order.clear();
    runner.run(set, tokenizer, engine::PairPlan(set, several.plan), engine::Head::kVqa,
               [&](const engine::UnitOutput& output) { order.push_back(output.unit); });
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_EQ(order.size(), alone.units);
  }
}

TEST_F(EngineDevices, AnErrorOfALoaderEndsTheRunOnAllOfThem) {
  engine::EngineOptions several = options;
  several.device = "cpu,cpu,cpu";
  set.images[set.samples[kQuestions / 2].images[0]].path = "/nonexistent.jpg";
  EXPECT_THROW(logits(several), Error);
}

TEST(DeviceList, IsCheckedAsAWhole) {
  using engine::parse_devices;
  EXPECT_EQ(parse_devices("cpu").size(), 1U);
  EXPECT_EQ(parse_devices("cpu,cpu").size(), 2U);
  for (const char* wrong : {"", "cpu,", ",cpu", "cpu;cpu", "cpu,gpu"}) {
    try {
      parse_devices(wrong);
      FAIL() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage) << wrong;
    }
  }
}

/// LibTorch's memory for tensors, which says no to one thread's requests above a limit, as a full device
/// does.
class LimitedAllocator final : public at::Allocator {
 public:
  LimitedAllocator() : inner_(*c10::GetCPUAllocator()), thread_(std::this_thread::get_id()) {
    c10::SetCPUAllocator(this, /*priority=*/100);
  }
  ~LimitedAllocator() override { c10::SetCPUAllocator(&inner_, /*priority=*/100); }
  LimitedAllocator(const LimitedAllocator&) = delete;
  LimitedAllocator& operator=(const LimitedAllocator&) = delete;

  std::size_t limit = SIZE_MAX;
  std::size_t largest = 0;  ///< request so far
  int refused = 0;

  at::DataPtr request(std::size_t bytes) const {
    if (std::this_thread::get_id() == thread_) {
      auto& self = const_cast<LimitedAllocator&>(*this);
      self.largest = std::max(largest, bytes);
      if (bytes > limit) {
        ++self.refused;
        TORCH_CHECK_WITH(OutOfMemoryError, false, "out of memory: ", bytes, " bytes");
      }
    }
    return inner_.allocate(bytes);
  }
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  at::DataPtr allocate(std::size_t bytes) override { return request(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
#else
  at::DataPtr allocate(std::size_t bytes) const override { return request(bytes); }
#endif
  at::DeleterFnPtr raw_deleter() const override { return inner_.raw_deleter(); }

 private:
  at::Allocator& inner_;
  std::thread::id thread_;
};

TEST_F(EngineDevices, WithoutEnoughMemoryPassesBecomeSmallerAndAnswersStay) {
  options.plan.images_per_unit = 8;
  options.pairs_per_batch = 16;
  std::vector<std::vector<float>> ample, scarce;
  int refused = 0;
  {
    LimitedAllocator memory;
    ample = logits(options);
    EXPECT_EQ(counts.times_lowered, 0U);
    engine::EngineOptions resolved = options;
    resolved.resolve();
    engine::Runner runner(checkpoint, resolved);  // the weights must fit
    memory.largest = 0;
    const engine::PairPlan plan(set, resolved.plan);
    const auto ignore = [](const engine::UnitOutput&) {};
    runner.run(set, tokenizer, plan, engine::Head::kVqa, ignore);
    const std::size_t largest = memory.largest;
    engine::EngineOptions smallest = resolved;
    smallest.pairs_per_batch = smallest.plan.images_per_unit = 1;
    engine::Runner one_by_one(checkpoint, smallest);
    memory.largest = 0;  // without the weights
    one_by_one.run(set, tokenizer, engine::PairPlan(set, smallest.plan), engine::Head::kVqa, ignore);
    // Some LibTorch products copy their weights: less than that is never enough.
    if (memory.largest >= largest) GTEST_SKIP() << "the largest request does not depend on the batch";
    memory.limit = memory.largest + (largest - memory.largest) / 3;
    scarce.resize(set.samples.size());
    counts = runner.run(set, tokenizer, plan, engine::Head::kVqa, [&](const engine::UnitOutput& output) {
      for (std::size_t row = 0; row < output.samples.size(); ++row) {
        const float* begin = output.logits.data() + row * static_cast<std::size_t>(output.width);
        scarce[output.samples[row]].assign(begin, begin + output.width);
      }
    });
    refused = memory.refused;
    memory.limit = 16;
    EXPECT_THROW(runner.run(set, tokenizer, plan, engine::Head::kVqa, ignore), Error);
  }
  EXPECT_GE(refused, 1);
  EXPECT_GE(counts.times_lowered, 1U);
  EXPECT_LE(counts.times_lowered, 3U) << "limits that fit stay for the units that follow";
  ASSERT_EQ(counts.samples, kQuestions);
  EXPECT_LT(largest_difference(ample, scarce), 1e-4);
  for (std::size_t s = 0; s < ample.size(); ++s) {
    EXPECT_EQ(std::ranges::max_element(ample[s]) - ample[s].begin(),
              std::ranges::max_element(scarce[s]) - scarce[s].begin());
  }
}

}  // namespace
}  // namespace bteval
