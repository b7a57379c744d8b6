// From the ids of a data set to positions in its lists.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bteval::datasets {

/// Finds the position of an id by binary search. Safe to read from several threads.
class IdIndex {
 public:
  /// Error(kData) naming `file`, `key` and the first id that stands twice.
  IdIndex(std::span<const std::int64_t> ids, const std::string& file, const char* key);

  std::optional<std::uint32_t> find(std::int64_t id) const;

 private:
  std::vector<std::pair<std::int64_t, std::uint32_t>> entries_;  // sorted
};

}  // namespace bteval::datasets
