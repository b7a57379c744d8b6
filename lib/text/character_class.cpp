#include "text/character_class.h"

#include <algorithm>

namespace bteval::text {

CharacterTable::CharacterTable() {
  for (std::size_t run = 0; run < kCharacterRunCount; ++run) {
    const std::size_t first = std::min<std::size_t>(kCharacterRuns[run].first, kDense);
    const std::size_t last =
        run + 1 < kCharacterRunCount ? std::min<std::size_t>(kCharacterRuns[run + 1].first, kDense) : kDense;
    std::fill(dense_.begin() + static_cast<std::ptrdiff_t>(first),
              dense_.begin() + static_cast<std::ptrdiff_t>(last), kCharacterRuns[run].flags);
  }
}

const CharacterTable& CharacterTable::instance() {
  static const CharacterTable table;
  return table;
}

std::uint8_t CharacterTable::sparse_flags(char32_t code) {
  const CharacterRun* end = kCharacterRuns + kCharacterRunCount;
  const CharacterRun* after = std::upper_bound(
      kCharacterRuns, end, code, [](char32_t value, const CharacterRun& run) { return value < run.first; });
  return (after - 1)->flags;
}

}  // namespace bteval::text
