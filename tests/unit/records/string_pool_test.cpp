#include "records/string_pool.h"

#include <gtest/gtest.h>

namespace bteval::records {
namespace {

TEST(StringPool, NumbersInOrderOfFirstAppearance) {
  StringPool pool;
  EXPECT_EQ(pool.intern("yes"), 0U);
  EXPECT_EQ(pool.intern("no"), 1U);
  EXPECT_EQ(pool.intern("yes"), 0U);
  EXPECT_EQ(pool.intern(""), 2U);
  EXPECT_EQ(pool.text(1), "no");
  EXPECT_EQ(pool.size(), 3U);
  EXPECT_EQ(pool.find("no"), 1U);
  EXPECT_EQ(pool.find("maybe"), std::nullopt);
}

TEST(StringPool, SurvivesGrowthAndMoves) {
  StringPool pool;
  for (int i = 0; i < 10000; ++i) pool.intern(std::to_string(i));
  const std::string_view early = pool.text(7);
  StringPool moved = std::move(pool);
  EXPECT_EQ(early, "7");
  for (int i = 0; i < 10000; ++i) {
    ASSERT_EQ(moved.intern(std::to_string(i)), static_cast<StringPool::Id>(i));
    ASSERT_EQ(moved.text(static_cast<StringPool::Id>(i)), std::to_string(i));
  }
}

}  // namespace
}  // namespace bteval::records
