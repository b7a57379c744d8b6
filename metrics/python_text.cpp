#include "metrics/python_text.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "core/utf8.h"
#include "metrics/python_text_tables.h"

namespace bteval::metrics {
namespace {

using tables::CodeRange;

struct Character {
  char32_t code;
  std::size_t length;  // bytes
};

constexpr char32_t kNoCharacter = 0xffffffff;  // a byte that belongs to no well-formed sequence

Character character_at(std::string_view text, std::size_t pos) {
  const auto byte = static_cast<unsigned char>(text[pos]);
  if (byte < 0x80) return {byte, 1};
  const std::size_t length = utf8_sequence_length(text.substr(pos));
  if (length == 0) return {kNoCharacter, 1};
  return {utf8_decode(text, pos), length};
}

// The character that ends just before `pos`, which is greater than 0.
Character character_before(std::string_view text, std::size_t pos) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, pos); ++length) {
    const Character found = character_at(text, pos - length);
    if (found.code != kNoCharacter && found.length == length) return found;
  }
  return {kNoCharacter, 1};
}

bool is_in(std::span<const CodeRange> ranges, char32_t code) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), code,
                                      [](char32_t c, const CodeRange& range) { return c < range.first; });
  return after != ranges.begin() && code <= std::prev(after)->last;
}

bool is_space(char32_t code) {
  if (code < 0x80) return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20);
  return is_in(tables::kSpaces, code);
}

bool is_digit(char32_t code) {
  return code < 0x80 ? code >= '0' && code <= '9' : is_in(tables::kDecimalDigits, code);
}

bool is_cased(char32_t code) {
  if (code < 0x80) return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  return is_in(tables::kCased, code);
}

bool is_case_ignorable(char32_t code) {
  if (code < 0x80) return code == '\'' || code == '.' || code == ':' || code == '^' || code == '`';
  return is_in(tables::kCaseIgnorable, code);
}

char32_t lower_of(char32_t code) {
  const auto after = std::upper_bound(std::begin(tables::kLower), std::end(tables::kLower), code,
                                      [](char32_t c, const tables::LowerRun& run) { return c < run.first; });
  if (after == std::begin(tables::kLower)) return code;
  const tables::LowerRun& run = *std::prev(after);
  const auto distance = static_cast<std::int32_t>(code - run.first);
  if (code > run.last || distance % run.step != 0) return code;
  return static_cast<char32_t>(static_cast<std::int32_t>(code) + run.delta);
}

// Unicode's Final_Sigma (The Unicode Standard, table 3-17): a cased character before, none behind,
// case-ignorable ones left out of account.
bool is_final_sigma(std::string_view text, std::size_t pos, std::size_t length) {
  std::size_t before = pos;
  char32_t code = kNoCharacter;
  do {
    if (before == 0) return false;
    const Character previous = character_before(text, before);
    code = previous.code;
    before -= previous.length;
  } while (is_case_ignorable(code));
  if (!is_cased(code)) return false;
  for (std::size_t after = pos + length; after < text.size();) {
    const Character next = character_at(text, after);
    if (!is_case_ignorable(next.code)) return !is_cased(next.code);
    after += next.length;
  }
  return true;
}

}  // namespace

std::string python_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) {
    const Character c = character_at(text, pos);
    if (c.code < 0x80) {
      out += c.code >= 'A' && c.code <= 'Z' ? static_cast<char>(c.code + 32) : text[pos];
    } else if (c.code == kNoCharacter) {
      out += text[pos];
    } else if (c.code == 0x3a3) {
      out += is_final_sigma(text, pos, c.length) ? "ς" : "σ";
    } else if (c.code == 0x130) {
      out += "i\xcc\x87";  // the one character whose lower case is two: i and a combining dot above
    } else {
      utf8_append(out, lower_of(c.code));
    }
    pos += c.length;
  }
  return out;
}

std::string_view python_strip(std::string_view text) {
  while (!text.empty()) {
    const Character c = character_at(text, 0);
    if (!is_space(c.code)) break;
    text.remove_prefix(c.length);
  }
  while (!text.empty()) {
    const Character c = character_before(text, text.size());
    if (!is_space(c.code)) break;
    text.remove_suffix(c.length);
  }
  return text;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t pos = 0; pos < text.size();) {
    const Character c = character_at(text, pos);
    if (is_space(c.code)) {
      if (pos > begin) words.push_back(text.substr(begin, pos - begin));
      begin = pos + c.length;
    }
    pos += c.length;
  }
  if (begin < text.size()) words.push_back(text.substr(begin));
  return words;
}

bool python_digit_at(std::string_view text, std::size_t pos) {
  return pos < text.size() && is_digit(character_at(text, pos).code);
}

bool python_digit_before(std::string_view text, std::size_t pos) {
  return pos > 0 && is_digit(character_before(text, pos).code);
}

}  // namespace bteval::metrics
