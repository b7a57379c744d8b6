#include "engine/retrieval_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/error.h"

namespace bteval::engine {
namespace {

using records::ScoredPair;
using ::testing::ElementsAre;

CaptionTokens captions_of_lengths(const std::vector<std::size_t>& lengths) {
  CaptionTokens captions;
  std::int32_t next = 0;  // every text is another one
  for (const std::size_t length : lengths) captions.add(std::vector<std::int32_t>(length, next++));
  return captions;
}

/// Checks the tiles of all units and returns the slots that they visit.
std::multiset<std::uint64_t> visited_slots(const RetrievalPlan& plan, const CaptionBuckets& buckets,
                                           const std::function<ScoredPair(std::uint64_t)>& pair_of_slot) {
  std::multiset<std::uint64_t> slots;
  for (const ImageUnit& unit : plan.units()) {
    std::int64_t last_bucket = -1;
    plan.for_each_tile(unit, [&](const PairTile& tile) {
      EXPECT_GT(static_cast<std::int64_t>(tile.bucket), last_bucket) << "a bucket twice, or not in order";
      last_bucket = tile.bucket;
      EXPECT_FALSE(tile.slots.empty());
      EXPECT_EQ(tile.first_slot.size(), tile.size() + 1);
      EXPECT_EQ(tile.first_slot.back(), tile.slots.size());
      for (std::size_t i = 0; i < tile.size(); ++i) {
        EXPECT_LT(tile.first_slot[i], tile.first_slot[i + 1]) << "a pair that nobody asked for";
        for (std::size_t s = tile.first_slot[i]; s < tile.first_slot[i + 1]; ++s) {
          const ScoredPair pair = pair_of_slot(tile.slots[s]);
          EXPECT_EQ(unit.first_image + tile.image_rows[i], pair.image);
          EXPECT_LT(pair.image, unit.end_image);
          EXPECT_EQ(tile.bucket, buckets.bucket_of[pair.caption]);
          EXPECT_EQ(tile.text_rows[i], buckets.row_of[pair.caption]);
          slots.insert(tile.slots[s]);
        }
      }
    });
  }
  return slots;
}

TEST(CaptionBuckets, HoldCaptionsOfSimilarLengthInFileOrder) {
  const CaptionBuckets buckets(captions_of_lengths({5, 3, 5, 4, 3}), 2);
  EXPECT_THAT(buckets.buckets, ElementsAre(Rows{1, 4}, Rows{3, 0}, Rows{2}));
  EXPECT_THAT(buckets.bucket_of, ElementsAre(1, 0, 2, 1, 0));
  EXPECT_THAT(buckets.row_of, ElementsAre(1, 0, 0, 0, 1));
}

TEST(CaptionBuckets, HoldEqualTextsOnce) {
  CaptionTokens captions;
  for (const std::vector<std::int32_t>& ids :
       {std::vector<std::int32_t>{0, 9, 2}, {0, 8, 2}, {0, 9, 2}, {0, 9, 9, 2}, {0, 9, 2}})
    captions.add(ids);
  const CaptionBuckets buckets(captions, 2);
  EXPECT_THAT(buckets.buckets, ElementsAre(Rows{0, 1}, Rows{3}));
  EXPECT_THAT(buckets.bucket_of, ElementsAre(0, 0, 0, 1, 0));
  EXPECT_THAT(buckets.row_of, ElementsAre(0, 1, 0, 0, 0));

  // Two images with all captions: two pairs of the first bucket each, the first of them with three slots.
  const RetrievalPlan all(buckets, 2, 2);
  std::vector<ScoredPair> pairs;
  for (std::uint32_t slot = 0; slot < 10; ++slot) pairs.push_back({slot / 5, slot % 5, 0, 0, 1});
  const RetrievalPlan given(buckets, 2, 2, pairs);
  for (const RetrievalPlan* plan : {&all, &given}) {
    std::vector<PairTile> tiles;
    plan->for_each_tile({0, 2}, [&](const PairTile& tile) { tiles.push_back(tile); });
    ASSERT_EQ(tiles.size(), 2U);
    EXPECT_THAT(tiles[0].image_rows, ElementsAre(0, 0, 1, 1));
    EXPECT_THAT(tiles[0].text_rows, ElementsAre(0, 1, 0, 1));
    EXPECT_THAT(tiles[0].first_slot, ElementsAre(0, 3, 4, 7, 8));
    EXPECT_THAT(tiles[0].slots, ElementsAre(0, 2, 4, 1, 5, 7, 9, 6));
    EXPECT_THAT(tiles[1].slots, ElementsAre(3, 8));
  }
}

TEST(RetrievalPlan, VisitsEveryGivenPairOnce) {
  const CaptionTokens captions = captions_of_lengths({5, 3, 9, 4, 3, 8, 8, 6, 3, 3});
  const CaptionBuckets buckets(captions, 3);
  std::mt19937 random(2);
  std::vector<ScoredPair> pairs;
  for (std::uint32_t image = 0; image < 11; ++image) {
    if (image == 4) continue;  // no candidate at all
    for (std::uint32_t caption = 0; caption < captions.size(); ++caption) {
      if (random() % 3 == 0) pairs.push_back({image, caption, 0, 0, records::kTextToImage});
    }
  }
  for (const std::uint32_t images_per_unit : {1U, 4U, 100U}) {
    const RetrievalPlan plan(buckets, 11, images_per_unit, pairs);
    EXPECT_EQ(plan.units().size(), (11 + images_per_unit - 1) / images_per_unit);
    EXPECT_EQ(plan.num_pairs(), pairs.size());
    const auto slots = visited_slots(plan, buckets, [&](std::uint64_t slot) { return pairs[slot]; });
    EXPECT_EQ(slots.size(), pairs.size());
    EXPECT_EQ(std::set<std::uint64_t>(slots.begin(), slots.end()).size(), pairs.size());
  }
}

TEST(RetrievalPlan, VisitsEveryPairThereIsOnce) {
  const CaptionTokens captions = captions_of_lengths({5, 3, 9, 4, 3});
  const CaptionBuckets buckets(captions, 2);
  const RetrievalPlan plan(buckets, 7, 3);
  const auto slots = visited_slots(plan, buckets, [](std::uint64_t slot) {
    return ScoredPair{static_cast<std::uint32_t>(slot / 5), static_cast<std::uint32_t>(slot % 5), 0, 0, 0};
  });
  EXPECT_EQ(plan.num_pairs(), 35U);
  EXPECT_EQ(slots.size(), 35U);
  EXPECT_EQ(std::set<std::uint64_t>(slots.begin(), slots.end()).size(), 35U);
}

TEST(RetrievalPlan, RefusesPairsThatAreNotInOrderAndEmptyUnits) {
  const CaptionTokens captions = captions_of_lengths({4});
  const CaptionBuckets buckets(captions, 2);
  const std::vector<ScoredPair> pairs = {{1, 0, 0, 0, 1}, {0, 0, 0, 0, 1}};
  EXPECT_THROW(RetrievalPlan(buckets, 2, 1, pairs), Error);
  EXPECT_THROW(RetrievalPlan(buckets, 2, 0), Error);
}

}  // namespace
}  // namespace bteval::engine
