#include "core/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "core/error.h"
#include "core/parallel.h"

namespace bteval {
namespace {

/// Ends the process with status 0 if a signal that comes while four threads work ends the loop as it should.
[[noreturn]] void interrupt_four_threads(int signal) {
  install_interrupt_handlers();
  if (interrupted()) std::_Exit(1);
  std::atomic<int> begun = 0;
  try {
    parallel_for(1'000'000'000, 4, [&](std::size_t) {
      if (++begun == 100) kill(getpid(), signal);
    });
  } catch (const Error& error) {
    std::_Exit(error.code() == ErrorCode::kInterrupted && interrupted() ? 0 : 2);
  }
  std::_Exit(3);
}

[[noreturn]] void interrupt_twice() {
  install_interrupt_handlers();
  std::raise(SIGINT);
  std::raise(SIGINT);
  std::_Exit(0);
}

TEST(InterruptDeathTest, ASignalEndsALoopOnFourThreads) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(interrupt_four_threads(signal), testing::ExitedWithCode(0),
                "stopping after the work at hand");
  }
}

TEST(InterruptDeathTest, ASecondSignalEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(interrupt_twice(), testing::KilledBySignal(SIGINT), "stopping after the work at hand");
}

}  // namespace
}  // namespace bteval
