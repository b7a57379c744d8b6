// What GPT-2's pattern and the added tokens ask of a character, as `tokenizers` answers it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bteval::text {

/// The pattern's four kinds of character: every code point is exactly one of them.
enum class CharClass : std::uint8_t {
  kOther = 0,   ///< [^\s\p{L}\p{N}]
  kLetter = 1,  ///< \p{L}
  kNumber = 2,  ///< \p{N}
  kSpace = 3,   ///< \s: the 25 characters with the property White_Space
};

/// A row of the generated table: code points from `first` up to the next row's have these flags.
struct CharacterRun {
  std::uint32_t first;
  std::uint8_t flags;
};
extern const CharacterRun kCharacterRuns[];
extern const std::size_t kCharacterRunCount;

/// The table unrolled to one byte a code point, for constant-time look-ups.
class CharacterTable {
 public:
  /// The only one; made at the first call. Thread-safe.
  static const CharacterTable& instance();

  CharClass char_class(char32_t code) const { return static_cast<CharClass>(flags(code) & 3); }
  /// \w as added tokens with single_word ask for it: Alphabetic, marks, decimal numbers, connectors, joiners.
  bool is_word(char32_t code) const { return (flags(code) & kWordFlag) != 0; }

 private:
  CharacterTable();
  std::uint8_t flags(char32_t code) const { return code < kDense ? dense_[code] : sparse_flags(code); }
  static std::uint8_t sparse_flags(char32_t code);

  static constexpr std::uint8_t kWordFlag = 4;
  // Planes 0 to 3 hold all letters, numbers and spaces so far; beyond them lie tags, selectors and private
  // use.
  static constexpr char32_t kDense = 0x40000;
  std::array<std::uint8_t, kDense> dense_{};
};

/// A character of valid UTF-8.
struct Decoded {
  char32_t code;
  std::size_t length;  ///< in bytes, 1 to 4
};

/// Decodes the character at `pos`. Requires text to be valid UTF-8 and pos to be the start of a character in
/// it.
inline Decoded decode_valid(std::string_view text, std::size_t pos) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[pos + i]));
  };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xe0) return {((lead & 0x1f) << 6) | (byte(1) & 0x3f), 2};
  if (lead < 0xf0) return {((lead & 0x0f) << 12) | ((byte(1) & 0x3f) << 6) | (byte(2) & 0x3f), 3};
  return {((lead & 0x07) << 18) | ((byte(1) & 0x3f) << 12) | ((byte(2) & 0x3f) << 6) | (byte(3) & 0x3f), 4};
}

/// Start of the character that ends before `pos`. Requires valid UTF-8 and pos > 0.
inline std::size_t previous_character(std::string_view text, std::size_t pos) {
  --pos;
  while (pos > 0 && (static_cast<unsigned char>(text[pos]) & 0xc0) == 0x80) --pos;
  return pos;
}

}  // namespace bteval::text
