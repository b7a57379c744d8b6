// GPT-2's printable stand-ins for bytes, in which vocabularies and merges are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bteval::text {

/// The character that stands for a byte: itself for '!' to '~', U+00A1 to U+00AC and U+00AE to U+00FF; U+0100
/// and up, in order, for the other 68 bytes (bytes_to_unicode of GPT-2's encoder.py). The space is 'Ġ',
/// U+0120.
char32_t character_of_byte(unsigned char byte);

/// The bytes that a token stands for; nothing where it holds a character that stands for no byte, as "<|é…|>"
/// may.
std::optional<std::string> bytes_of_token(std::string_view token);

}  // namespace bteval::text
