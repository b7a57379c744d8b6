#include "datasets/id_index.h"

#include <algorithm>

#include "core/checked.h"

namespace bteval::datasets {

IdIndex::IdIndex(std::span<const std::int64_t> ids, const std::string& file, const char* key) {
  checked_cast<std::uint32_t>(ids.size(), "the number of records");
  entries_.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) entries_.emplace_back(ids[i], static_cast<std::uint32_t>(i));
  std::sort(entries_.begin(), entries_.end());
  std::uint32_t first = UINT32_MAX;  // position of the earliest repetition in the file
  std::uint32_t original = 0;
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].first == entries_[i - 1].first && entries_[i].second < first) {
      original = entries_[i - 1].second;
      first = entries_[i].second;
    }
  }
  if (first != UINT32_MAX) {
    throw Error(ErrorCode::kData, fmt::format("stands twice: record {} and record {}", original, first),
                {file, fmt::format("{} {}", key, ids[first]), std::nullopt});
  }
}

std::optional<std::uint32_t> IdIndex::find(std::int64_t id) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const auto& entry, std::int64_t wanted) { return entry.first < wanted; });
  if (found == entries_.end() || found->first != id) return std::nullopt;
  return found->second;
}

}  // namespace bteval::datasets
