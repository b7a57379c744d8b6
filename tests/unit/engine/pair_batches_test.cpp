#include "engine/pair_batches.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace bteval::engine {
namespace {

TEST(LengthBuckets, SortsByLengthAndKeepsTheOrderOfEqualOnes) {
  const std::vector<std::size_t> lengths = {9, 3, 7, 3};
  EXPECT_EQ(length_buckets(lengths, 4), (std::vector<Rows>{{1, 3, 2, 0}}));
}

TEST(LengthBuckets, SharesTheTextsOutEvenly) {
  const std::vector<std::size_t> lengths(20, 5);
  std::vector<std::size_t> sizes;
  for (const Rows& bucket : length_buckets(lengths, 16)) sizes.push_back(bucket.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 10}));
}

TEST(LengthBuckets, HoldsEveryTextOnceAndNeverMoreThanAllowed) {
  for (std::size_t count = 0; count < 40; ++count) {
    for (std::size_t most = 1; most < 18; ++most) {
      const std::vector<std::size_t> lengths(count, 1);
      const auto buckets = length_buckets(lengths, most);
      EXPECT_EQ(buckets.size(), (count + most - 1) / most);
      Rows all;
      for (const Rows& bucket : buckets) {
        EXPECT_LE(bucket.size(), most);
        EXPECT_GE(bucket.size() + 1, buckets.front().size());
        all.insert(all.end(), bucket.begin(), bucket.end());
      }
      ASSERT_EQ(all.size(), count);
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
    }
  }
}

TEST(TextPasses, HoldTheBucketsAsTheyAreOneByOneOrTogether) {
  const std::vector<std::size_t> tokens = {9, 3, 7, 3};
  const std::vector<Rows> buckets = {{1, 3}, {2, 0}};
  const std::vector<TextPass> apart = text_passes(buckets, tokens, false);
  ASSERT_EQ(apart.size(), 2U);
  EXPECT_EQ(apart[1].texts, (Rows{2, 0}));
  ASSERT_EQ(apart[1].buckets.size(), 1U);
  EXPECT_EQ(apart[1].buckets[0].first, 0);
  const std::vector<TextPass> together = text_passes(buckets, tokens, true);
  ASSERT_EQ(together.size(), 1U);
  EXPECT_EQ(together[0].texts, (Rows{1, 3, 2, 0}));
  ASSERT_EQ(together[0].buckets.size(), 2U);
  const auto& [short_ones, long_ones] = std::tie(together[0].buckets[0], together[0].buckets[1]);
  EXPECT_EQ(short_ones.longest, 3);
  EXPECT_FALSE(short_ones.padded);
  EXPECT_EQ(long_ones.first, 2);
  EXPECT_EQ(long_ones.count, 2);
  EXPECT_EQ(long_ones.longest, 9);
  EXPECT_TRUE(long_ones.padded);
  EXPECT_EQ(bucket_of(together[0].texts, long_ones)[1], 0);
  EXPECT_TRUE(text_passes({}, tokens, true).empty());
}

}  // namespace
}  // namespace bteval::engine
