#include "distributed/coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "core/error.h"
#include "distributed/protocol.h"
#include "distributed/work_queue.h"
#include "support/error_text.h"
#include "support/memory_store.h"

namespace bteval::distributed {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 200ms;

class CoordinatorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Team> join(int rank, int size, OnLostRank on_lost = OnLostRank::kTakeOver,
                             std::chrono::milliseconds timeout = kTimeout) {
    return join(rank, size, TeamOptions{.rank_timeout = timeout, .on_lost = on_lost});
  }
  std::unique_ptr<Team> join(int rank, int size, const TeamOptions& options) {
    World world;
    world.rank = rank;
    world.size = size;
    return std::make_unique<Team>(world, options, store_.connect());
  }
  static std::vector<std::uint64_t> items(std::size_t count) {
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{100});
    return numbers;
  }
  Coordinator::Sink sink() {
    return [this](std::uint64_t item, std::string_view result) {
      EXPECT_EQ(result, "result " + std::to_string(item));
      ++times_[item];
    };
  }
  /// Takes items until there are no more, or `most`.
  static std::size_t work(WorkQueue& queue, std::size_t most = ~std::size_t{0}) {
    std::size_t done = 0;
    while (done < most) {
      const auto item = queue.next();
      if (!item) break;
      queue.send(*item, "result " + std::to_string(*item));
      ++done;
    }
    return done;
  }
  void expect_each_once(std::size_t count) const {
    ASSERT_EQ(times_.size(), count);
    for (const auto& [item, times] : times_) EXPECT_EQ(times, 1) << item;
  }

  testing::MemoryStore store_;
  std::map<std::uint64_t, int> times_;
};

/// Two ranks that live, and have to finish units in time.
class UnitTimeoutTest : public CoordinatorTest {
 protected:
  static constexpr auto kUnitTimeout = 1000ms;
  TeamOptions options{.rank_timeout = 20s, .unit_timeout = kUnitTimeout};
  std::unique_ptr<Team> rank0 = join(0, 2, options), rank1 = join(1, 2, options);
  Roll roll{2};
};

TEST_F(CoordinatorTest, HandsEachItemToOneRank) {
  const auto rank0 = join(0, 4, OnLostRank::kTakeOver, 20s);
  Roll roll(4);
  Coordinator coordinator(*rank0, roll, "units", items(200), sink());
  std::vector<std::thread> ranks;
  for (int r = 1; r < 4; ++r) {
    ranks.emplace_back([this, r] {
      const auto team = join(r, 4, OnLostRank::kTakeOver, 20s);
      WorkQueue queue(*team, "units");
      work(queue);
    });
  }
  WorkQueue own(*rank0, "units");
  while (const auto item = own.next()) coordinator.add(*item, "result " + std::to_string(*item));
  coordinator.wait();
  for (std::thread& rank : ranks) rank.join();
  expect_each_once(200);
  EXPECT_EQ(std::accumulate(roll.ranks.begin(), roll.ranks.end(), std::uint64_t{0},
                            [](std::uint64_t sum, const Roll::Rank& rank) { return sum + rank.items; }),
            200U);
}

TEST_F(CoordinatorTest, IsDoneAtOnceWithoutItems) {
  const auto rank0 = join(0, 2);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", {}, sink());
  coordinator.wait();
  const auto rank1 = join(1, 2);
  WorkQueue queue(*rank1, "units");
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST_F(CoordinatorTest, WaitsForEachRankToAgree) {
  const auto rank0 = join(0, 3, OnLostRank::kTakeOver, 20s);
  Roll roll(3);
  roll.expect_agreement("run 2");
  Coordinator coordinator(*rank0, roll, "units", {}, sink());
  const auto rank1 = join(1, 3, OnLostRank::kTakeOver, 20s);
  const auto rank2 = join(2, 3, OnLostRank::kTakeOver, 20s);
  rank1->agree("run 2");
  rank2->agree("run 1");  // another one
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(rank0->store().get("units/finished"));
  rank2->agree("run 2");
  coordinator.wait();
  EXPECT_TRUE(rank0->store().get("units/finished"));
}

TEST_F(CoordinatorTest, EndsWithTheErrorOfARankThatBeginsWhenAllIsDone) {
  const auto rank0 = join(0, 2, OnLostRank::kTakeOver, 20s);
  Roll roll(2);
  roll.expect_agreement("run");
  Coordinator coordinator(*rank0, roll, "units", {}, sink());
  std::thread late([this] {
    std::this_thread::sleep_for(50ms);
    join(1, 2, OnLostRank::kTakeOver, 20s)->report(Error(ErrorCode::kUsage, "other options"));
  });
  EXPECT_THAT(testing::error_text([&] { coordinator.wait(); }), ::testing::EndsWith("other options"));
  late.join();
}

TEST_F(CoordinatorTest, DoesNotWaitForARankThatNeverBegins) {
  const auto rank0 = join(0, 2);
  Roll roll(2);
  roll.expect_agreement("run");
  Coordinator coordinator(*rank0, roll, "units", {}, sink());
  coordinator.wait();
  ASSERT_EQ(roll.warnings.size(), 1U);
  EXPECT_EQ(roll.warnings[0], "rank 1 of 2 has not begun within 0.2 s; the others do its work");
}

TEST_F(CoordinatorTest, GivesTheWorkOfARankThatLeavesToTheOthers) {
  const auto rank0 = join(0, 3, OnLostRank::kTakeOver, 2s);
  Roll roll(3);
  Coordinator coordinator(*rank0, roll, "units", items(10), sink());
  {
    const auto leaver = join(1, 3, OnLostRank::kTakeOver, 2s);
    WorkQueue queue(*leaver, "units");
    work(queue, 2);
    EXPECT_TRUE(queue.next());  // and is never heard of again
    EXPECT_TRUE(queue.next());
  }
  const auto stayer = join(2, 3, OnLostRank::kTakeOver, 2s);
  WorkQueue queue(*stayer, "units");
  std::thread working([&] { work(queue); });
  coordinator.wait();
  working.join();
  expect_each_once(10);
  EXPECT_EQ(roll.ranks[1].items, 2U);
  EXPECT_EQ(roll.ranks[2].items, 8U);
  EXPECT_TRUE(roll.warnings.empty());  // it has said so
}

TEST_F(CoordinatorTest, NoticesARankWithoutSignsOfLife) {
  const auto rank0 = join(0, 2);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(5), sink());
  const auto silent = store_.connect()();  // a rank that takes places and dies
  silent->add("beat/1", 1);
  silent->add("units/next", 2);
  silent->set("units/owner/0", "1");  // and not even notes the second one
  WorkQueue own(*rank0, "units");
  std::thread working([&] {
    while (const auto item = own.next()) coordinator.add(*item, "result " + std::to_string(*item));
  });
  coordinator.wait();
  working.join();
  expect_each_once(5);
  EXPECT_TRUE(roll.ranks[1].lost);
  ASSERT_EQ(roll.warnings.size(), 1U);
  EXPECT_EQ(roll.warnings[0], "rank 1 of 2 is lost: no sign of life for 0.2 s; the others do its work");
}

TEST_F(UnitTimeoutTest, LeavesARankBehindThatLivesAndFinishesNothing) {
  Coordinator coordinator(*rank0, roll, "units", items(5), sink());
  WorkQueue hanging(*rank1, "units"), own(*rank0, "units");
  ASSERT_EQ(hanging.next(), std::optional<std::uint64_t>(100));
  hanging.send(100, "result 100");
  ASSERT_EQ(hanging.next(), std::optional<std::uint64_t>(101));
  // Rank 0 is not to be taken for one that hangs.
  while (const auto item = own.next()) coordinator.add(*item, "result " + std::to_string(*item));
  coordinator.wait();
  expect_each_once(5);
  EXPECT_TRUE(roll.ranks[1].lost);
  ASSERT_EQ(roll.warnings.size(), 1U);
  EXPECT_THAT(roll.warnings[0], ::testing::StartsWith("rank 1 of 2 (on "));
  EXPECT_THAT(roll.warnings[0],
              ::testing::EndsWith(") has finished no unit for 1.0 s; the others do its work"));
}

TEST_F(UnitTimeoutTest, OneThatHungIsBackWhenItDelivers) {
  Coordinator coordinator(*rank0, roll, "units", items(2), sink());
  WorkQueue queue(*rank1, "units"), own(*rank0, "units");
  ASSERT_EQ(queue.next(), std::optional<std::uint64_t>(100));
  ASSERT_EQ(own.next(), std::optional<std::uint64_t>(101));
  coordinator.add(101, "result 101");
  ASSERT_EQ(own.next(), std::optional<std::uint64_t>(100));  // given out again
  queue.send(100, "result 100");
  coordinator.wait();
  expect_each_once(2);
  EXPECT_FALSE(roll.ranks[1].lost);
  ASSERT_EQ(roll.warnings.size(), 2U);
  EXPECT_THAT(roll.warnings[1], ::testing::EndsWith(") is back"));
}

TEST_F(UnitTimeoutTest, ARankThatWaitsForWorkDoesNotHang) {
  Coordinator coordinator(*rank0, roll, "units", items(4), sink());
  WorkQueue queue(*rank1, "units"), own(*rank0, "units");
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(own.next());
  std::thread waiting([&] { EXPECT_EQ(work(queue), 0U); });
  for (std::uint64_t item = 100; item < 104; ++item) {  // each in time; all of them not
    std::this_thread::sleep_for(kUnitTimeout * 2 / 5);
    coordinator.add(item, "result " + std::to_string(item));
  }
  coordinator.wait();
  waiting.join();
  expect_each_once(4);
  EXPECT_TRUE(roll.warnings.empty());
}

TEST_F(UnitTimeoutTest, StopsWhereRank0Hangs) {
  Coordinator coordinator(*rank0, roll, "units", items(2), sink());
  WorkQueue queue(*rank1, "units"), own(*rank0, "units");
  ASSERT_TRUE(own.next());
  work(queue);  // ends, instead of waiting for what rank 0 never finishes
  EXPECT_THAT(testing::error_text([&] { coordinator.wait(); }),
              ::testing::EndsWith("has finished no unit for 1.0 s"));
}

TEST_F(CoordinatorTest, StopsWhereALostRankIsToStopTheRun) {
  const auto rank0 = join(0, 2, OnLostRank::kStop);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(5), sink());
  EXPECT_EQ(testing::error_text([&] { coordinator.wait(); }), "rank 1 of 2 has not begun within 0.2 s");
  WorkQueue own(*rank0, "units");
  EXPECT_EQ(own.next(), std::nullopt);  // rank 0 itself stops, too
}

TEST_F(CoordinatorTest, TakesWhatALostRankDeliversLater) {
  const auto rank0 = join(0, 2);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(1), sink());
  const auto late = store_.connect()();
  late->add("units/next", 1);
  late->set("units/owner/0", "1");
  WorkQueue own(*rank0, "units");
  ASSERT_EQ(own.next(), std::optional<std::uint64_t>(100));  // given out again
  Team::send(*late, Message{MessageKind::kResult, 1, "units", 100, 0, "result 100"});
  coordinator.wait();
  coordinator.add(100, "result 100");
  expect_each_once(1);
}

TEST_F(CoordinatorTest, EndsWithTheErrorOfARank) {
  const auto rank0 = join(0, 2, OnLostRank::kTakeOver, 20s);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(5), sink());
  const auto rank1 = join(1, 2, OnLostRank::kTakeOver, 20s);
  rank1->report(Error(ErrorCode::kData, "broken", {"image.jpg", "", std::nullopt}));
  try {
    coordinator.wait();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), ::testing::StartsWith("rank 1 of 2 (on "));
    EXPECT_THAT(error.what(), ::testing::EndsWith("): image.jpg: broken"));
  }
}

TEST_F(CoordinatorTest, EndsWithWhatTheSinkThrows) {
  const auto rank0 = join(0, 2, OnLostRank::kTakeOver, 20s);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(5), [](std::uint64_t, std::string_view) {
    throw Error(ErrorCode::kData, "no space left");
  });
  const auto rank1 = join(1, 2, OnLostRank::kTakeOver, 20s);
  WorkQueue queue(*rank1, "units");
  work(queue);
  EXPECT_EQ(testing::error_text([&] { coordinator.wait(); }), "no space left");
  EXPECT_EQ(Team::stopped(rank1->store()), std::optional<std::string>("no space left"));
}

TEST_F(CoordinatorTest, StopTakesWhatTheOthersStillDeliver) {
  const auto rank0 = join(0, 2, OnLostRank::kTakeOver, 20s);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(5), sink());
  std::atomic<bool> has_one = false;
  std::thread rank([&] {
    const auto rank1 = join(1, 2, OnLostRank::kTakeOver, 20s);
    WorkQueue queue(*rank1, "units");
    const auto item = queue.next();
    has_one = true;
    while (!Team::stopped(rank1->store())) std::this_thread::sleep_for(1ms);
    queue.send(*item, "result 100");
    EXPECT_EQ(queue.next(), std::nullopt);
  });
  while (!has_one) std::this_thread::sleep_for(1ms);
  coordinator.stop("interrupted");
  rank.join();
  expect_each_once(1);
}

TEST_F(CoordinatorTest, OthersNoticeThatRank0IsLost) {
  const auto rank1 = join(1, 2);
  EXPECT_EQ(testing::error_text([&] { rank1->hear("units"); }),
            "rank 0 of 2 is lost: no sign of life for 0.2 s");
}

TEST_F(CoordinatorTest, WorkThatDoesNotEndWithoutRank0IsAbandoned) {
  std::promise<std::string> reason;
  TeamOptions options{.rank_timeout = kTimeout};
  options.abandon = [&reason](const std::string& text) { reason.set_value(text); };
  const auto rank1 = join(1, 2, options);
  EXPECT_EQ(reason.get_future().get(), "rank 0 of 2 is lost: no sign of life for 0.2 s");
}

TEST_F(CoordinatorTest, WorkThatEndsInTimeIsNotAbandoned) {
  bool abandoned = false;
  TeamOptions options{.rank_timeout = 1s};  // hear() looks five times a second
  options.abandon = [&abandoned](const std::string&) { abandoned = true; };
  {
    const auto rank1 = join(1, 2, options);
    testing::error_text([&] { rank1->hear("units"); });
  }
  EXPECT_FALSE(abandoned);
}

TEST_F(CoordinatorTest, TellsWhoHasNotLeft) {
  const auto rank0 = join(0, 4);
  join(2, 4).reset();
  const auto rank3 = join(3, 4);
  EXPECT_EQ(rank0->linger({2}, 20s), std::vector<int>{});
  EXPECT_EQ(rank0->linger({1, 2, 3}, 10ms), (std::vector<int>{1, 3}));
  EXPECT_EQ(rank0->linger({1}, 10ms), std::vector<int>{1});  // as many have left, but not that one
}

TEST_F(CoordinatorTest, ACallThatWaitsEndsWhenTheQueueIsClosed) {
  const auto rank0 = join(0, 2, OnLostRank::kTakeOver, 20s);
  Roll roll(2);
  Coordinator coordinator(*rank0, roll, "units", items(1), sink());
  WorkQueue queue(*rank0, "units");
  EXPECT_TRUE(queue.next());
  std::thread waiting([&] { EXPECT_EQ(queue.next(), std::nullopt); });
  queue.close();
  waiting.join();
  coordinator.add(100, "result 100");
  coordinator.wait();
}

}  // namespace
}  // namespace bteval::distributed
