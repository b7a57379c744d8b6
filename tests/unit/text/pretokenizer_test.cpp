#include "text/pretokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"

namespace bteval::text {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view text) {
  Words words;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = word_end(text, pos);
    words.emplace_back(text.substr(pos, end - pos));
    pos = end;
  }
  return words;
}

struct Case {
  std::string text;
  Words words;  ///< as ByteLevel of tokenizers 0.23.3 cuts the text
};

TEST(Pretokenizer, CutsAsGpt2sPattern) {
  const std::vector<Case> cases = {
      {"Hello  world", {"Hello", " ", " world"}},
      {"it's don't'll", {"it", "'s", " don", "'t", "'ll"}},
      {"I'm we've they're he'd", {"I", "'m", " we", "'ve", " they", "'re", " he", "'d"}},
      {"12abc!?", {"12", "abc", "!?"}},
      {"a  ", {"a", "  "}},
      {"x \n y", {"x", " \n", " y"}},
      {"\n\na", {"\n", "\n", "a"}},
      {"a\xc2\xa0"
       "b",
       {"a", "\xc2\xa0", "b"}},
      {"a \u2003b", {"a", " ", "\u2003", "b"}},
      {"\u3000\u3000a", {"\u3000", "\u3000", "a"}},
      {"\u3000\u3000 a", {"\u3000\u3000", " a"}},
      {"½ Ⅷ٣", {"½", " Ⅷ٣"}},
      {"e\u0301a", {"e", "\u0301", "a"}},  // a combining mark is neither letter nor space
      {"日本語です。", {"日本語です", "。"}},
      {"😀👍🏻", {"😀👍🏻"}},
  };
  for (const Case& c : cases) EXPECT_EQ(split(c.text), c.words) << printable(c.text);
}

TEST(Pretokenizer, TakesApostrophesThatAreNoContractionAsPunctuation) {
  EXPECT_EQ(split("'S"), (Words{"'", "S"}));  // the pattern knows lower case only
  EXPECT_EQ(split(" 's"), (Words{" '", "s"}));
  EXPECT_EQ(split("''s"), (Words{"''", "s"}));
  EXPECT_EQ(split("l'l"), (Words{"l", "'", "l"}));
  EXPECT_EQ(split("'r"), (Words{"'", "r"}));
  EXPECT_EQ(split("'"), (Words{"'"}));
  EXPECT_EQ(split("'ss"), (Words{"'s", "s"}));
}

}  // namespace
}  // namespace bteval::text
