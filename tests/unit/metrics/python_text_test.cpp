#include "metrics/python_text.h"

#include <gtest/gtest.h>

namespace bteval::metrics {
namespace {

using Words = std::vector<std::string_view>;

// Expected values are those of Python 3.11.
TEST(PythonText, LowerIsThatOfStr) {
  const struct {
    const char* text;
    const char* lower;
  } cases[] = {{"", ""},
               {"AbC 12!", "abc 12!"},
               {"ÀÖØÞß×", "àöøþß×"},
               {"ĀāŸŽ", "āāÿž"},
               {"ⅣⅫ", "ⅳⅻ"},
               {"ＡＺ", "ａｚ"},
               {"K", "k"},  // the Kelvin sign
               {"İI", "i̇i"},
               {"ΑΣ ΣΑΣ. Σ", "ας σας. σ"},
               {"Α.Σ", "α.ς"},
               {"ΑΣ.Β", "ασ.β"},
               {"ΑΣ'", "ας'"},
               {"𐐀", "𐐨"},
               {"Ა", "ა"},
               {"\xff\xc3", "\xff\xc3"}};
  for (const auto& c : cases) EXPECT_EQ(python_lower(c.text), c.lower) << c.text;
}

TEST(PythonText, SplitAndStripAreThoseOfStr) {
  EXPECT_EQ(python_split("  a b\tc\nd\ve\ff\rg  "), (Words{"a", "b", "c", "d", "e", "f", "g"}));
  EXPECT_EQ(python_split("a\x1c\x1d\x1e\x1f"
                         "b\xc2\x85"
                         "c\xc2\xa0"
                         "d\u2003e\u3000f\u200bg"),
            (Words{"a", "b", "c", "d", "e", "f\u200bg"}));
  EXPECT_EQ(python_split(""), Words{});
  EXPECT_EQ(python_split(" \t"), Words{});
  EXPECT_EQ(python_strip(" \u2003 a b \u3000\n"), "a b");
  EXPECT_EQ(python_strip("\u200b a"), "\u200b a");
  EXPECT_EQ(python_strip("\u3000"), "");
  EXPECT_EQ(python_strip("a\xff"), "a\xff");
}

TEST(PythonText, DigitsAreThoseOfRe) {
  const std::string text = "a1٣１½²";  // the last two are no decimal digits
  EXPECT_FALSE(python_digit_at(text, 0));
  EXPECT_TRUE(python_digit_at(text, 1));
  EXPECT_TRUE(python_digit_at(text, 2));
  EXPECT_TRUE(python_digit_at(text, 4));
  EXPECT_FALSE(python_digit_at(text, 7));
  EXPECT_FALSE(python_digit_at(text, 9));
  EXPECT_FALSE(python_digit_at(text, text.size()));
  EXPECT_FALSE(python_digit_before(text, 0));
  EXPECT_TRUE(python_digit_before(text, 2));
  EXPECT_TRUE(python_digit_before(text, 7));
  EXPECT_FALSE(python_digit_before(text, 9));
}

}  // namespace
}  // namespace bteval::metrics
