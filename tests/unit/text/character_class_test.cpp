#include "text/character_class.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace bteval::text {
namespace {

CharClass class_of(char32_t code) { return CharacterTable::instance().char_class(code); }

TEST(CharacterTable, HasExactlyTheWhiteSpaceOfUnicode) {
  const std::vector<char32_t> spaces = {
      0x9,    0xa,    0xb,    0xc,    0xd,    0x20,   0x85,   0xa0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
      0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
  std::vector<char32_t> found;
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (class_of(code) == CharClass::kSpace) found.push_back(code);
  }
  EXPECT_EQ(found, spaces);
}

TEST(CharacterTable, KnowsLettersAndNumbersOfAllPlanes) {
  for (const char32_t code :
       {U'a', U'Z', U'ª', U'é', U'ß', U'я', U'א', U'क', U'日', U'한', U'𝒜', char32_t{0x20000}}) {
    EXPECT_EQ(class_of(code), CharClass::kLetter) << static_cast<std::uint32_t>(code);
  }
  for (const char32_t code : {U'0', U'9', U'²', U'½', U'٣', U'Ⅷ', U'①', U'５', U'𝟘'}) {
    EXPECT_EQ(class_of(code), CharClass::kNumber) << static_cast<std::uint32_t>(code);
  }
  // Controls, punctuation, symbols, marks, joiners, private use, unassigned, tags, the last code point.
  for (const char32_t code :
       {char32_t{0}, U'\x1c', U'!', U'_', U'€', U'\u0301', U'\u200b', U'\u200d', U'\ufeff', U'😀',
        char32_t{0xe000}, char32_t{0x378}, char32_t{0xe0041}, char32_t{0x10ffff}}) {
    EXPECT_EQ(class_of(code), CharClass::kOther) << static_cast<std::uint32_t>(code);
  }
}

TEST(CharacterTable, KnowsLettersThatAreNewerThanPcre2sUnicode14) {
  EXPECT_EQ(class_of(0x31350), CharClass::kLetter);  // CJK extension H, Unicode 15
  EXPECT_EQ(class_of(0x2ebf0), CharClass::kLetter);  // CJK extension I, Unicode 15.1
}

TEST(CharacterTable, TellsWordCharactersForSingleWordTokens) {
  for (const char32_t code : {U'a', U'é', U'0', U'_', U'\u0301', U'\u200d', U'日'}) {
    EXPECT_TRUE(CharacterTable::instance().is_word(code)) << static_cast<std::uint32_t>(code);
  }
  for (const char32_t code : {U' ', U'-', U'½', U'😀', U'\u3000'}) {
    EXPECT_FALSE(CharacterTable::instance().is_word(code)) << static_cast<std::uint32_t>(code);
  }
}

TEST(CharacterTable, RunsRiseAndStartAtZero) {
  ASSERT_GT(kCharacterRunCount, 1000U);
  EXPECT_EQ(kCharacterRuns[0].first, 0U);
  for (std::size_t i = 1; i < kCharacterRunCount; ++i) {
    EXPECT_LT(kCharacterRuns[i - 1].first, kCharacterRuns[i].first);
    EXPECT_NE(kCharacterRuns[i - 1].flags, kCharacterRuns[i].flags);
    EXPECT_LT(kCharacterRuns[i].flags, 8);
  }
}

TEST(DecodeValid, ReadsEveryLengthForwardsAndBackwards) {
  const std::string_view text = "aé€😀";
  const std::vector<char32_t> codes = {U'a', U'é', U'€', U'😀'};
  std::size_t pos = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Decoded decoded = decode_valid(text, pos);
    EXPECT_EQ(decoded.code, codes[i]);
    EXPECT_EQ(decoded.length, i + 1);
    pos += decoded.length;
    EXPECT_EQ(previous_character(text, pos), pos - decoded.length);
  }
  EXPECT_EQ(pos, text.size());
}

}  // namespace
}  // namespace bteval::text
