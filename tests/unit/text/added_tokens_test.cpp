#include "text/added_tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"

namespace bteval::text {
namespace {

AddedToken token(std::string content, std::int32_t id) {
  AddedToken made;
  made.content = std::move(content);
  made.id = id;
  return made;
}

/// Pieces as "text" and "id:text".
std::vector<std::string> split(const AddedTokens& tokens, std::string_view text) {
  std::vector<TextPiece> pieces;
  tokens.split(text, pieces);
  std::vector<std::string> words;
  for (const TextPiece& piece : pieces) {
    EXPECT_FALSE(piece.text.empty());
    words.push_back((piece.id < 0 ? "" : fmt::format("{}:", piece.id)) + std::string(piece.text));
  }
  return words;
}

using Words = std::vector<std::string>;

TEST(AddedTokens, CutsTheTextAtEachToken) {
  const AddedTokens tokens({token("<s>", 0), token("</s>", 2)});
  EXPECT_EQ(split(tokens, "a <s> b</s>"), (Words{"a ", "0:<s>", " b", "2:</s>"}));
  EXPECT_EQ(split(tokens, "<s></s><s"), (Words{"0:<s>", "2:</s>", "<s"}));
  EXPECT_EQ(split(tokens, "<S> < s>"), (Words{"<S> < s>"}));
  EXPECT_EQ(split(tokens, ""), Words{});
  EXPECT_TRUE(tokens.may_occur_in("a<"));
  EXPECT_FALSE(tokens.may_occur_in("a > b"));
}

TEST(AddedTokens, StripsWhiteSpaceOnTheSidesThatTheFlagsName) {
  AddedToken left = token("<l>", 1), right = token("<r>", 2), both = token("<b>", 3);
  left.lstrip = right.rstrip = both.lstrip = both.rstrip = true;
  const AddedTokens tokens({left, right, both});
  EXPECT_EQ(split(tokens, "a \u3000\n<l> b"), (Words{"a", "1: \u3000\n<l>", " b"}));
  EXPECT_EQ(split(tokens, "a <r>\t\u00a0b"), (Words{"a ", "2:<r>\t\u00a0", "b"}));
  EXPECT_EQ(split(tokens, " <b> "), (Words{"3: <b> "}));
  // White space between two tokens goes to the one that comes first.
  EXPECT_EQ(split(tokens, "<r>  <l>"), (Words{"2:<r>  ", "1:<l>"}));
  EXPECT_EQ(split(tokens, "x\u200b<l>"),
            (Words{"x\u200b", "1:<l>"}));  // a zero-width space is no white space
}

TEST(AddedTokens, TakesTheLeftmostAndOfThoseTheLongest) {
  const AddedTokens tokens({token("ab", 1), token("abc", 2), token("bcd", 3)});
  EXPECT_EQ(split(tokens, "xabcd"), (Words{"x", "2:abc", "d"}));
  EXPECT_EQ(split(tokens, "abd bcd"), (Words{"1:ab", "d ", "3:bcd"}));
  EXPECT_FALSE(tokens.may_occur_in("xyz"));
}

TEST(AddedTokens, LooksForVerbatimTokensFirst) {
  AddedToken verbatim = token("b<", 1);
  verbatim.normalized = false;
  const AddedTokens tokens({token("ab", 2), verbatim});
  EXPECT_EQ(split(tokens, "ab<ab"), (Words{"a", "1:b<", "2:ab"}));
}

TEST(AddedTokens, SingleWordsNeedNonWordCharactersBesideThem) {
  AddedToken alone = token("<w>", 1);
  alone.single_word = true;
  const AddedTokens tokens({alone});
  EXPECT_EQ(split(tokens, "<w> <w>-<w>"), (Words{"1:<w>", " ", "1:<w>", "-", "1:<w>"}));
  for (const char* text : {"a<w>", "<w>_", "日<w>", "<w>\u0301", "1<w>1"})
    EXPECT_EQ(split(tokens, text), (Words{text}));
}

TEST(AddedTokens, LeavesEmptyTokensOut) {
  const AddedTokens tokens({token("", 1)});
  EXPECT_TRUE(tokens.tokens().empty());
  EXPECT_EQ(split(tokens, "abc"), (Words{"abc"}));
}

}  // namespace
}  // namespace bteval::text
