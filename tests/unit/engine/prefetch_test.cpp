#include "engine/prefetch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bteval::engine {
namespace {

TEST(OrderedPrefetch, DeliversInOrderWhateverTheTiming) {
  for (const int threads : {1, 2, 5}) {
    OrderedPrefetch<std::uint64_t> prefetch(counted(200), threads, 4, [](std::uint64_t i) {
      std::this_thread::sleep_for(std::chrono::microseconds(i % 7 * 50));
      return i * i;
    });
    std::uint64_t expected = 0;
    while (const auto value = prefetch.next()) {
      EXPECT_EQ(*value, expected * expected);
      ++expected;
    }
    EXPECT_EQ(expected, 200U);
    EXPECT_FALSE(prefetch.next().has_value());
  }
}

TEST(OrderedPrefetch, NeverRunsFurtherAheadThanAsked) {
  std::atomic<std::uint64_t> started{0};
  OrderedPrefetch<int> prefetch(counted(50), 3, 4, [&](std::uint64_t) {
    ++started;
    return 0;
  });
  for (std::uint64_t taken = 0; taken < 50; ++taken) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    EXPECT_LE(started.load(), taken + 4);
    ASSERT_TRUE(prefetch.next().has_value());
  }
}

TEST(OrderedPrefetch, RethrowsAtTheIndexThatFailed) {
  OrderedPrefetch<int> prefetch(counted(3), 2, 3, [](std::uint64_t i) -> int {
    if (i == 1) throw std::runtime_error("broken");
    return static_cast<int>(i);
  });
  EXPECT_EQ(prefetch.next(), 0);
  EXPECT_THROW(prefetch.next(), std::runtime_error);
  EXPECT_EQ(prefetch.next(), 2);
}

TEST(OrderedPrefetch, HandsOverWhateverIsThrown) {
  OrderedPrefetch<int> prefetch(counted(3), 2, 3, [](std::uint64_t i) -> int {
    if (i == 0) throw 42;
    if (i == 1) throw std::bad_alloc();
    throw Error(ErrorCode::kDevice, "gone");
  });
  EXPECT_THROW(prefetch.next(), int);
  EXPECT_THROW(prefetch.next(), std::bad_alloc);
  EXPECT_THROW(prefetch.next(), Error);
}

TEST(OrderedPrefetch, HandsMemoryOfManyThreadsToTheConsumer) {
  std::vector<std::vector<std::uint64_t>> written(500);  // by the threads, read behind next()
  OrderedPrefetch<std::vector<std::string>> prefetch(counted(500), 6, 9, [&](std::uint64_t i) {
    written[i].assign(i % 50 + 1, i);
    return std::vector<std::string>(i % 7, std::string(100, static_cast<char>('a' + i % 26)));
  });
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto value = prefetch.next();
    ASSERT_TRUE(value.has_value());
    ASSERT_EQ(*value, std::vector<std::string>(i % 7, std::string(100, static_cast<char>('a' + i % 26))));
    ASSERT_EQ(written[i], std::vector<std::uint64_t>(i % 50 + 1, i));
    written[i].clear();
  }
}

TEST(OrderedPrefetch, CanBeAbandonedHalfWay) {
  OrderedPrefetch<int> prefetch(counted(1000), 4, 8, [](std::uint64_t i) { return static_cast<int>(i); });
  EXPECT_EQ(prefetch.next(), 0);
}

TEST(OrderedPrefetch, HandlesNoWork) {
  OrderedPrefetch<int> prefetch(counted(0), 2, 1, [](std::uint64_t) { return 1; });
  EXPECT_FALSE(prefetch.next().has_value());
}

TEST(OrderedPrefetch, FeedsAnotherOneThatComputesOnSeveralThreads) {
  OrderedPrefetch<std::uint64_t> loaded(counted(300), 3, 4, [](std::uint64_t i) { return i * i; });
  OrderedPrefetch<std::uint64_t> computed(
      [&] { return loaded.next(); }, 4, 8,
      [](std::uint64_t square) {
        std::this_thread::sleep_for(std::chrono::microseconds(square % 5 * 30));
        return square + 1;
      });
  std::uint64_t expected = 0;
  while (const auto value = computed.next()) {
    EXPECT_EQ(*value, expected * expected + 1);
    ++expected;
  }
  EXPECT_EQ(expected, 300U);
}

TEST(OrderedPrefetch, DeliversWhatIsThereWhileTheNextItemIsWaitedFor) {
  std::mutex mutex;
  std::condition_variable changed;
  bool taken = false;
  std::atomic<int> claims{0}, at_once{0}, most_at_once{0};
  const auto claim = [&]() -> std::optional<std::uint64_t> {
    most_at_once = std::max<int>(most_at_once, ++at_once);
    const int number = claims++;
    if (number == 1) {  // would wait for ever, were the first result held back
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return taken; });
    }
    --at_once;
    return number < 3 ? std::optional<std::uint64_t>(10 + number) : std::nullopt;
  };
  OrderedPrefetch<std::uint64_t> prefetch(claim, 3, 3, [](std::uint64_t i) { return i; });
  EXPECT_EQ(prefetch.next(), 10U);
  {
    const std::lock_guard lock(mutex);
    taken = true;
  }
  changed.notify_all();
  EXPECT_EQ(prefetch.next(), 11U);
  EXPECT_EQ(prefetch.next(), 12U);
  EXPECT_FALSE(prefetch.next().has_value());
  EXPECT_EQ(claims, 4);  // who knows that there is no more does not ask again
  EXPECT_EQ(most_at_once, 1);
}

TEST(OrderedPrefetch, ClaimThatThrowsEndsTheItems) {
  int claims = 0;
  const auto claim = [&]() -> std::optional<std::uint64_t> {
    if (claims++ == 2) throw Error(ErrorCode::kDevice, "the store is gone");
    return 7;
  };
  OrderedPrefetch<std::uint64_t> prefetch(claim, 2, 4, [](std::uint64_t i) { return i; });
  EXPECT_EQ(prefetch.next(), 7U);
  EXPECT_EQ(prefetch.next(), 7U);
  EXPECT_THROW(prefetch.next(), Error);
  EXPECT_FALSE(prefetch.next().has_value());
}

TEST(OrderedPrefetch, StoppedDeliversWhatWasBegunAndEnds) {
  std::atomic<std::uint64_t> started{0};
  OrderedPrefetch<std::uint64_t> prefetch(counted(1000), 2, 6, [&](std::uint64_t i) {
    ++started;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
    return i;
  });
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(prefetch.next(), i);
  prefetch.stop_starting();
  std::uint64_t taken = 3;
  while (const auto value = prefetch.next()) EXPECT_EQ(*value, taken++);
  EXPECT_EQ(taken, started.load());
  EXPECT_LE(taken, 3U + 6U);
}

}  // namespace
}  // namespace bteval::engine
