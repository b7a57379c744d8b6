#include "core/white_space.h"

#include <algorithm>
#include <cstddef>

#include "core/utf8.h"

namespace bteval {
namespace {

// str.isspace(): bidirectional type WS, B or S, or category Zs (Unicode 14).
bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// Length of the white space character at `pos`; 0 where another one or an invalid byte stands there.
std::size_t white_space_at(std::string_view text, std::size_t pos) {
  const std::size_t length = utf8_sequence_length(text.substr(pos));
  if (length == 0) return 0;
  std::size_t end = pos;
  return is_white_space(utf8_decode(text, end)) ? length : 0;
}

}  // namespace

std::string_view strip_white_space(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = white_space_at(text, 0);
    if (length == 0) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    std::size_t length = 0;
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()) && length == 0; ++back) {
      if (white_space_at(text, text.size() - back) == back) length = back;
    }
    if (length == 0) break;
    text.remove_suffix(length);
  }
  return text;
}

}  // namespace bteval
