// A hash table from pairs of token ids to merges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bteval::text {

/// What two neighbouring tokens become, and how early.
struct Merge {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t rank = kNone;  ///< position in the list of merges; kNone: they do not merge
  std::int32_t result = -1;    ///< id of the merged token
};

/// Maps (left id, right id) to a Merge: open addressing, 16 bytes a slot. find() is thread-safe while nobody
/// inserts.
class PairTable {
 public:
  explicit PairTable(std::size_t count = 0);

  /// Adds a pair; a pair that is there already gets the new merge. Room for `count` pairs was made at
  /// construction; more must not be inserted. Requires ids >= 0.
  void insert(std::int32_t left, std::int32_t right, Merge merge);

  Merge find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t key = key_of(left, right);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t index = hash_of(key) & mask;; index = (index + 1) & mask) {
      const Slot& slot = slots_[index];
      if (slot.key == key) return slot.merge;
      if (slot.key == kFree) return {};
    }
  }

 private:
  struct Slot {
    std::uint64_t key = kFree;
    Merge merge;
  };
  static constexpr std::uint64_t kFree = UINT64_MAX;  // no pair of ids >= 0
  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
           static_cast<std::uint32_t>(right);
  }
  static std::size_t hash_of(std::uint64_t key) {
    key *= 0x9e3779b97f4a7c15ULL;  // Fibonacci hashing; the high bits are the good ones
    return static_cast<std::size_t>(key ^ (key >> 32));
  }
  std::vector<Slot> slots_;
};

}  // namespace bteval::text
