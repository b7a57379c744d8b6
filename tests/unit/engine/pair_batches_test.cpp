#include "engine/pair_batches.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bteval::engine
