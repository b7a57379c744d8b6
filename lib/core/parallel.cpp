#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/interrupt.h"

namespace bteval {

int worker_count(int threads) {
  if (threads > 0) return threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body,
                  std::size_t chunk) {
  chunk = std::max<std::size_t>(chunk, 1);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    while (!stop) {
      const std::size_t begin = next.fetch_add(chunk);
      if (begin >= count) return;
      try {
        for (std::size_t i = begin; i < std::min(begin + chunk, count) && !stop; ++i) {
          throw_if_interrupted();
          body(i);
        }
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        stop = true;
      }
    }
  };
  const std::size_t turns = (count + chunk - 1) / chunk;
  const std::size_t workers = std::min(static_cast<std::size_t>(worker_count(threads)), turns);
  std::vector<std::thread> others;
  try {
    for (std::size_t i = 1; i < workers; ++i) others.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are do it.
  }
  work();
  for (std::thread& thread : others) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace bteval
