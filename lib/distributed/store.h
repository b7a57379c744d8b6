// The small shared memory of the processes of one run: keys and values that one process holds for all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bteval::distributed {

/// One connection. Every call ends: with its result, or with Error(kRanks) when the store has not answered
/// within the connection's deadline. Not for several threads at once: a thread that needs the store opens a
/// connection of its own.
class Store {
 public:
  virtual ~Store() = default;

  virtual void set(const std::string& key, std::string_view value) = 0;
  /// Nothing where there is no such key.
  virtual std::optional<std::string> get(const std::string& key) = 0;
  /// Adds to a counter, which begins at 0, and returns its new value. Adding 0 reads it. Counters and values
  /// are not to share keys.
  virtual std::int64_t add(const std::string& key, std::int64_t value) = 0;
  virtual void remove(const std::string& key) = 0;
};

/// Opens one more connection to the same store.
using Connect = std::function<std::unique_ptr<Store>()>;

}  // namespace bteval::distributed
