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
  for (const std::size_t length : lengths) captions.add(std::vector<std::int32_t>(length, 7));
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
      for (std::size_t i = 0; i < tile.slots.size(); ++i) {
        const ScoredPair pair = pair_of_slot(tile.slots[i]);
        EXPECT_EQ(unit.first_image + tile.image_rows[i], pair.image);
        EXPECT_LT(pair.image, unit.end_image);
        EXPECT_EQ(buckets.buckets[tile.bucket][static_cast<std::size_t>(tile.text_rows[i])], pair.caption);
        slots.insert(tile.slots[i]);
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
