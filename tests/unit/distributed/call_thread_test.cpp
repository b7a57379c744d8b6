#include "distributed/call_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace bteval::distributed {
namespace {

using namespace std::chrono_literals;

TEST(CallThread, RunsOneCallAfterTheOther) {
  CallThread thread;
  int sum = 0;
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(thread.run([&] { sum += i; }, 10s));
  EXPECT_EQ(sum, 6);
}

TEST(CallThread, RethrowsWhatACallThrowsAndGoesOn) {
  CallThread thread;
  EXPECT_THROW(thread.run([] { throw std::runtime_error("no"); }, 10s), std::runtime_error);
  EXPECT_TRUE(thread.run([] {}, 10s));
}

TEST(CallThread, GivesACallUpThatDoesNotEnd) {
  const auto release = std::make_shared<std::atomic<bool>>(false);
  {
    CallThread thread;
    EXPECT_FALSE(thread.run(
        [release] {
          while (!*release) std::this_thread::sleep_for(1ms);
        },
        20ms));
    EXPECT_TRUE(thread.overdue());
    EXPECT_FALSE(thread.run([] {}, 10s));
  }  // and the destructor does not wait for it
  *release = true;
}

}  // namespace
}  // namespace bteval::distributed
