// Commits the fault that its argument names. The tests of the sanitizers run it: what they would not find
// here they would not find elsewhere either, be it for a wrong option or for a suppression that is too wide.
#include <unistd.h>

#include <atomic>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/parallel.h"

namespace {

volatile int sink = 0;

/// Four threads count without a lock.
void race() {
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&count] { ++count; });
  for (std::thread& thread : threads) thread.join();
  sink = count;
}

/// The same in the turns of our own loop, which must not hide it. Each turn waits, in a way that orders
/// nothing, until all four threads have one.
void race_in_a_loop() {
  int count = 0;
  std::atomic<int> begun = 0;
  bteval::parallel_for(4, 4, [&](std::size_t) {
    begun.fetch_add(1, std::memory_order_relaxed);
    while (begun.load(std::memory_order_relaxed) < 4) std::this_thread::yield();
    ++count;
  });
  sink = count;
}

/// A handler that takes memory, while memory may be half taken.
void allocate_in_a_handler() {
  std::signal(SIGUSR1, [](int) {
    int* volatile number = new int(1);  // volatile: or it is left out
    sink = *number;
    delete number;
  });
  kill(getpid(), SIGUSR1);
}

void read_behind_the_end() {
  const std::vector<int> numbers(4, 1);
  sink = numbers.data()[4 + sink];
}

void read_what_was_freed() {
  int* volatile number = new int(1);  // volatile: or the compiler refuses what comes
  delete number;
  sink = *number;
}

[[gnu::noinline]] void take_and_forget() { sink = *new int(1); }

void overflow() {
  sink = INT_MAX;
  sink = sink + 1;
}

void shift_too_far() {
  sink = 40;
  sink = 1 << sink;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void()>> faults = {
      {"race", race},
      {"race_in_a_loop", race_in_a_loop},
      {"allocate_in_a_handler", allocate_in_a_handler},
      {"read_behind_the_end", read_behind_the_end},
      {"read_what_was_freed", read_what_was_freed},
      {"leak", take_and_forget},
      {"overflow", overflow},
      {"shift_too_far", shift_too_far},
  };
  const auto fault = faults.find(argc == 2 ? argv[1] : "");
  if (fault == faults.end()) {
    std::fprintf(stderr, "usage: sanitizer_probe FAULT\n");
    return EXIT_FAILURE;
  }
  fault->second();
  std::printf("not stopped\n");
  return 0;
}
