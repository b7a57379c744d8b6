// Runs a function over 0..n-1 on several threads, ahead of a consumer that takes the results in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"

namespace bteval::engine {

/// At most `ahead` results exist that the consumer has not taken, so memory does not grow with n. The order
/// in which the function is called depends on timing; the order of the results does not.
template <typename T>
class OrderedPrefetch {
 public:
  /// `load` is called once per index, from any of the threads, and must be thread-safe. Error(kDevice) where
  /// the system does not give even one thread.
  OrderedPrefetch(std::uint64_t count, int threads, std::uint64_t ahead, std::function<T(std::uint64_t)> load)
      : count_(count), ahead_(ahead == 0 ? 1 : ahead), load_(std::move(load)) {
    try {
      for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      // Fewer threads give the same results later.
      if (threads_.empty())
        throw Error(ErrorCode::kDevice, fmt::format("cannot start a loading thread: {}", error.what()));
    }
  }

  ~OrderedPrefetch() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    may_start_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  OrderedPrefetch(const OrderedPrefetch&) = delete;
  OrderedPrefetch& operator=(const OrderedPrefetch&) = delete;

  /// The next result, waiting for it; nothing after the last one. Rethrows what `load` threw for that index.
  std::optional<T> next() {
    std::unique_lock lock(mutex_);
    if (taken_ == count_) return std::nullopt;
    return wait_for(taken_, lock);
  }

  /// The result of `index`, for consumers on several threads that share the indices out among themselves:
  /// each is taken once, and none is asked for that lies `ahead` or more behind the first one not taken. Not
  /// to be mixed with next().
  T take(std::uint64_t index) {
    std::unique_lock lock(mutex_);
    return *wait_for(index, lock);
  }

  /// Begins no further index: next() ends after those that have been begun.
  void stop_starting() {
    const std::lock_guard lock(mutex_);
    count_ = started_;
  }

 private:
  struct Result {
    std::optional<T> value;
    std::exception_ptr error;
  };

  std::optional<T> wait_for(std::uint64_t index, std::unique_lock<std::mutex>& lock) {
    is_ready_.wait(lock, [&] { return ready_.contains(index); });
    auto node = ready_.extract(index);
    ++taken_;
    lock.unlock();
    may_start_.notify_all();
    Result& result = node.mapped();
    if (result.error) std::rethrow_exception(result.error);
    return std::move(result.value);
  }

  void work() {
    while (true) {
      std::uint64_t index = 0;
      {
        std::unique_lock lock(mutex_);
        may_start_.wait(lock,
                        [this] { return stopping_ || started_ == count_ || started_ < taken_ + ahead_; });
        if (stopping_ || started_ == count_) return;
        index = started_++;
      }
      Result result;
      try {
        result.value.emplace(load_(index));
      } catch (...) {
        result.error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        ready_.emplace(index, std::move(result));
      }
      is_ready_.notify_all();
    }
  }

  std::uint64_t count_;
  const std::uint64_t ahead_;
  const std::function<T(std::uint64_t)> load_;
  std::mutex mutex_;
  std::condition_variable may_start_, is_ready_;
  std::map<std::uint64_t, Result> ready_;
  std::uint64_t started_ = 0, taken_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace bteval::engine
