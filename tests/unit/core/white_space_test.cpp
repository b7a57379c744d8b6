#include "core/white_space.h"

#include <gtest/gtest.h>

#include <string>

namespace bteval {
namespace {

// Expected values: str.strip() of Python 3.11.
TEST(StripWhiteSpace, IsPythons) {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {" \t\r\n", ""},
                                                       {"a", "a"},
                                                       {" a b \n", "a b"},
                                                       {"\x1c\x1f"
                                                        "a\x0b\x0c",
                                                        "a"},
                                                       {"\xc2\xa0"
                                                        "a\xc2\x85",
                                                        "a"},
                                                       {"\xe3\x80\x80"
                                                        "a\xe2\x80\x89\xe1\x9a\x80",
                                                        "a"},
                                                       {"\xe2\x80\x8b"
                                                        "a\xe2\x80\x8b",
                                                        "\xe2\x80\x8b"
                                                        "a\xe2\x80\x8b"},  // ZERO WIDTH SPACE is none
                                                       {"\xff a \xc2", "\xff a \xc2"},
                                                       {"\xc3\xa0", "\xc3\xa0"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(strip_white_space(text), expected) << text;
}

}  // namespace
}  // namespace bteval
