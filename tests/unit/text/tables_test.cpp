#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/utf8.h"
#include "text/byte_alphabet.h"
#include "text/pair_table.h"
#include "text/string_table.h"

namespace bteval::text {
namespace {

TEST(ByteAlphabet, IsABijectionOfBytesAndCharacters) {
  std::set<char32_t> seen;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char32_t character = character_of_byte(static_cast<unsigned char>(byte));
    seen.insert(character);
    std::string token;
    utf8_append(token, character);
    EXPECT_EQ(bytes_of_token(token), std::string(1, static_cast<char>(byte)));
  }
  EXPECT_EQ(seen.size(), 256U);
  EXPECT_EQ(*seen.rbegin(), 0x143U);
}

TEST(ByteAlphabet, SpellsKnownTokens) {
  EXPECT_EQ(bytes_of_token("Ġthe"), " the");
  EXPECT_EQ(bytes_of_token("Ċ"), "\n");
  EXPECT_EQ(bytes_of_token("Ã©"), "é");
  EXPECT_EQ(bytes_of_token("Ń"), "\xad");
  EXPECT_EQ(bytes_of_token(""), "");
  EXPECT_FALSE(bytes_of_token("the end"));  // the space itself is not in the alphabet
  EXPECT_FALSE(bytes_of_token("日"));
}

TEST(StringTable, FindsWhatWasInsertedAndNothingElse) {
  StringTable table;
  std::string key;
  for (int i = 0; i < 5000; ++i) {
    EXPECT_TRUE(table.insert(key + std::to_string(i), i));
    if (i % 50 == 0) key += 'x';
  }
  EXPECT_EQ(table.size(), 5000U);
  key.clear();
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(table.find(key + std::to_string(i)), i);
    EXPECT_EQ(table.find("no" + std::to_string(i)), -1);
    if (i % 50 == 0) key += 'x';
  }
  EXPECT_FALSE(table.insert("0", 7));
  EXPECT_EQ(table.find("0"), 0);
}

TEST(StringTable, TakesEmptyAndBinaryKeys) {
  StringTable table;
  EXPECT_EQ(table.find(""), -1);
  EXPECT_TRUE(table.insert("", 1));
  EXPECT_TRUE(table.insert(std::string_view("\0", 1), 2));
  EXPECT_TRUE(table.insert(std::string_view("\0\0", 2), 3));
  EXPECT_EQ(table.find(""), 1);
  EXPECT_EQ(table.find(std::string_view("\0", 1)), 2);
  EXPECT_EQ(table.find(std::string_view("\0\0", 2)), 3);
  EXPECT_EQ(table.longest(), 2U);
}

TEST(PairTable, KeepsTheLastMergeOfAPair) {
  PairTable table(3);
  table.insert(1, 2, {10, 100});
  table.insert(2, 1, {11, 101});
  table.insert(1, 2, {12, 102});
  EXPECT_EQ(table.find(1, 2).rank, 12U);
  EXPECT_EQ(table.find(1, 2).result, 102);
  EXPECT_EQ(table.find(2, 1).result, 101);
  EXPECT_EQ(table.find(3, 3).rank, Merge::kNone);
}

TEST(PairTable, HoldsManyPairs) {
  PairTable table(10000);
  for (std::int32_t i = 0; i < 100; ++i) {
    for (std::int32_t j = 0; j < 100; ++j)
      table.insert(i, j, {static_cast<std::uint32_t>(i * 100 + j), i + j});
  }
  for (std::int32_t i = 0; i < 100; ++i) {
    for (std::int32_t j = 0; j < 100; ++j)
      EXPECT_EQ(table.find(i, j).rank, static_cast<std::uint32_t>(i * 100 + j));
  }
  EXPECT_EQ(table.find(100, 0).rank, Merge::kNone);
}

}  // namespace
}  // namespace bteval::text
