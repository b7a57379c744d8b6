#include "text/pretokenizer.h"

#include "text/character_class.h"

namespace bteval::text {
namespace {

/// End of the run of characters of class `wanted` from `pos` on.
std::size_t run_end(const CharacterTable& table, std::string_view text, std::size_t pos, CharClass wanted) {
  while (pos < text.size()) {
    const Decoded next = decode_valid(text, pos);
    if (table.char_class(next.code) != wanted) break;
    pos += next.length;
  }
  return pos;
}

/// Length of the contraction that starts with the apostrophe at `pos`; 0 where there is none. Lower case
/// only, as in the pattern.
std::size_t contraction_length(std::string_view text, std::size_t pos) {
  const std::string_view rest = text.substr(pos + 1, 2);
  if (rest.empty()) return 0;
  switch (rest[0]) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return rest.size() == 2 && rest[1] == 'e' ? 3 : 0;
    case 'l':
      return rest.size() == 2 && rest[1] == 'l' ? 3 : 0;
    default:
      return 0;
  }
}

}  // namespace

std::size_t word_end(std::string_view text, std::size_t pos) {
  const CharacterTable& table = CharacterTable::instance();
  if (text[pos] == '\'') {
    if (const std::size_t length = contraction_length(text, pos); length != 0) return pos + length;
  }
  const Decoded first = decode_valid(text, pos);
  const CharClass first_class = table.char_class(first.code);
  const std::size_t second = pos + first.length;
  if (first_class != CharClass::kSpace) return run_end(table, text, second, first_class);
  if (first.code == U' ' && second < text.size()) {
    const Decoded next = decode_valid(text, second);
    const CharClass next_class = table.char_class(next.code);
    if (next_class != CharClass::kSpace) return run_end(table, text, second + next.length, next_class);
  }
  const std::size_t end = run_end(table, text, second, CharClass::kSpace);
  // \s+(?!\S): the last white space before a word stands alone, or goes with that word if it is a plain
  // space.
  if (end == text.size() || end == second) return end;
  return previous_character(text, end);
}

}  // namespace bteval::text
