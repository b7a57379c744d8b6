// UTF-8, as Unicode 15 table 3-7 defines it: shortest forms only, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bteval {

/// Length in bytes (1 to 4) of the well-formed sequence that `text` starts with; 0 where it starts with none.
std::size_t utf8_sequence_length(std::string_view text);

/// Decodes the sequence at `pos` and moves `pos` behind it. Requires utf8_sequence_length(text.substr(pos)) >
/// 0.
char32_t utf8_decode(std::string_view text, std::size_t& pos);

/// Appends the encoding of a code point; U+FFFD for surrogates and what is above U+10FFFF.
void utf8_append(std::string& out, char32_t code_point);

/// Offset of the first byte that is not part of a well-formed sequence; npos where all are.
std::size_t utf8_first_invalid(std::string_view text);

}  // namespace bteval
