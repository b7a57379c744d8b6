// Runs a function over items on several threads, ahead of a consumer that takes the results in order.
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

/// The items 0..count-1.
inline std::function<std::optional<std::uint64_t>()> counted(std::uint64_t count) {
  return [next = std::uint64_t{0}, count]() mutable {
    return next == count ? std::nullopt : std::optional<std::uint64_t>(next++);
  };
}

/// At most `ahead` results exist that the consumer has not taken, so memory does not grow with the number of
/// items. The order in which the function is called depends on timing; the order of the results is that of
/// the items.
template <typename T, typename Item = std::uint64_t>
class OrderedPrefetch {
 public:
  using Claim = std::function<std::optional<Item>()>;

  /// `claim` gives the next item, or nothing after the last one; it is called by one thread at a time, when
  /// the item can be begun, and may wait: items before are loaded and taken meanwhile. `load` is called once
  /// per item, from any of the threads, and must be thread-safe. Error(kDevice) where the system does not
  /// give even one thread.
  OrderedPrefetch(Claim claim, int threads, std::uint64_t ahead, std::function<T(Item)> load)
      : ahead_(ahead == 0 ? 1 : ahead), claim_(std::move(claim)), load_(std::move(load)) {
    try {
      for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      // Fewer threads give the same results later.
      if (threads_.empty())
        throw Error(ErrorCode::kDevice, fmt::format("cannot start a loading thread: {}", error.what()));
    }
  }

  /// Waits for calls of `claim` and `load` that have begun.
  ~OrderedPrefetch() {
    stop_starting();
    for (std::thread& thread : threads_) thread.join();
  }
  OrderedPrefetch(const OrderedPrefetch&) = delete;
  OrderedPrefetch& operator=(const OrderedPrefetch&) = delete;

  /// The next result, waiting for it; nothing after the last one. Rethrows what `load` threw for that item,
  /// or `claim` instead of giving one, which ends the items.
  std::optional<T> next() {
    std::unique_lock lock(mutex_);
    is_ready_.wait(lock, [&] { return ready_.contains(taken_) || (ended_ && taken_ == started_); });
    auto node = ready_.extract(taken_);
    if (node.empty()) return std::nullopt;
    ++taken_;
    lock.unlock();
    may_start_.notify_all();
    Result& result = node.mapped();
    if (result.error) std::rethrow_exception(result.error);
    return std::move(result.value);
  }

  /// Begins no further item: next() ends after those that have been begun. An item that is being claimed is
  /// lost.
  void stop_starting() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    may_start_.notify_all();
    is_ready_.notify_all();
  }

 private:
  struct Result {
    std::optional<T> value;
    std::exception_ptr error;
  };
  /// An item and its place among the results.
  struct Begun {
    std::uint64_t index = 0;
    Item item;
  };

  /// Numbers are given behind the claim, so that no result waits behind an item that has yet to come.
  std::optional<Begun> begin() {
    std::unique_lock lock(mutex_);
    may_start_.wait(lock, [this] { return ended_ || (!claiming_ && started_ < taken_ + ahead_); });
    if (ended_) return std::nullopt;
    claiming_ = true;
    lock.unlock();
    std::optional<Item> item;
    std::exception_ptr error;
    try {
      item = claim_();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    claiming_ = false;
    std::optional<Begun> begun;
    if (error && !ended_) ready_.emplace(started_++, Result{std::nullopt, error});
    if (item && !ended_) begun.emplace(Begun{started_++, std::move(*item)});
    ended_ = ended_ || !item;
    lock.unlock();
    may_start_.notify_all();
    if (!begun) is_ready_.notify_all();
    return begun;
  }

  void work() {
    while (std::optional<Begun> begun = begin()) {
      Result result;
      try {
        result.value.emplace(load_(std::move(begun->item)));
      } catch (...) {
        result.error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        ready_.emplace(begun->index, std::move(result));
      }
      is_ready_.notify_all();
    }
  }

  const std::uint64_t ahead_;
  const Claim claim_;
  const std::function<T(Item)> load_;
  std::mutex mutex_;
  std::condition_variable may_start_, is_ready_;
  std::map<std::uint64_t, Result> ready_;
  std::uint64_t started_ = 0, taken_ = 0;
  bool claiming_ = false, ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace bteval::engine
