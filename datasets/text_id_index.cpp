#include "datasets/text_id_index.h"

#include "core/checked.h"

namespace bteval::datasets {

void TextIdIndex::add(std::string_view id) {
  const auto position = checked_cast<std::uint32_t>(positions_.size(), "the number of records");
  const auto [found, is_new] = positions_.try_emplace(id, position);
  if (is_new) return;
  throw Error(ErrorCode::kData, fmt::format("stands twice: record {} and record {}", found->second, position),
              {file_, fmt::format("{} {}", key_, printable(id, 60)), std::nullopt});
}

std::optional<std::uint32_t> TextIdIndex::find(std::string_view id) const {
  const auto found = positions_.find(id);
  return found == positions_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace bteval::datasets
