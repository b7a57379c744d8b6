// A read-mostly hash table from byte strings to ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bteval::text {

/// Maps byte strings to ids: open addressing over one arena, no allocation per look-up. find() is thread-safe
/// while nobody inserts.
class StringTable {
 public:
  /// Makes room for `count` strings with `bytes` bytes in all, so that inserting them moves nothing.
  explicit StringTable(std::size_t count = 0, std::size_t bytes = 0);

  /// Adds a string; false, and no change, where it is there already. Requires value >= 0.
  bool insert(std::string_view key, std::int32_t value);
  /// The string's value, or -1.
  std::int32_t find(std::string_view key) const;

  std::size_t size() const { return size_; }
  /// Length of the longest string, in bytes.
  std::size_t longest() const { return longest_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t length = 0;
    std::uint64_t offset = 0;
    std::int32_t value = -1;  ///< -1: free
  };
  std::size_t slot_of(std::string_view key, std::uint32_t hash) const;
  void grow();

  std::string arena_;
  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace bteval::text
