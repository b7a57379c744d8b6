// Which units of a plan a runner computes, and in which order.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace bteval::engine {

/// Hands out units one by one. A runner asks for the next one when it begins to load it, so several runners,
/// in one process or in many, can share a source's work. Thread-safe, but next() is called by one thread at a
/// time.
class UnitSource {
 public:
  virtual ~UnitSource() = default;
  /// The number of a unit; nothing when all work is done or the source was closed. May wait for what others
  /// do: a unit that another process has begun can come back. May throw.
  virtual std::optional<std::uint64_t> next() = 0;
  /// From now on next() gives nothing, and a call that waits returns soon. A runner closes its source when it
  /// ends, also by an error.
  virtual void close() noexcept = 0;
};

/// Stands behind the threads that may wait for the source, and so goes before they are waited for.
class ClosedAtEnd {
 public:
  explicit ClosedAtEnd(UnitSource& source) : source_(source) {}
  ~ClosedAtEnd() { source_.close(); }
  ClosedAtEnd(const ClosedAtEnd&) = delete;
  ClosedAtEnd& operator=(const ClosedAtEnd&) = delete;

 private:
  UnitSource& source_;
};

/// A list of units, in its order.
class ListedUnits : public UnitSource {
 public:
  explicit ListedUnits(std::vector<std::uint64_t> units) : units_(std::move(units)) {}

  std::optional<std::uint64_t> next() override {
    const std::lock_guard lock(mutex_);
    if (taken_ == units_.size()) return std::nullopt;
    return units_[taken_++];
  }
  void close() noexcept override {
    const std::lock_guard lock(mutex_);
    taken_ = units_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::uint64_t> units_;
  std::size_t taken_ = 0;
};

}  // namespace bteval::engine
