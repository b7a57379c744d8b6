#include "engine/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/error.h"

namespace bteval::engine {
namespace {

records::SampleSet make_set(std::uint32_t images, const std::vector<std::vector<std::uint32_t>>& samples) {
  records::SampleSet set;
  for (std::uint32_t i = 0; i < images; ++i)
    set.images.push_back({std::to_string(i), "image" + std::to_string(i)});
  for (const auto& sample : samples)
    set.samples.push_back({std::to_string(set.samples.size()), "text", sample});
  return set;
}

PlanOptions small_units(std::uint32_t images, std::uint32_t samples) {
  PlanOptions options;
  options.images_per_unit = images;
  options.samples_per_unit = samples;
  return options;
}

TEST(PairPlan, GroupsSamplesByImageInOrderOfFirstAppearance) {
  const auto set = make_set(3, {{1}, {0}, {1}, {2}, {0}});
  const PairPlan plan(set, small_units(2, 100));
  ASSERT_EQ(plan.units().size(), 2U);
  const WorkUnit& first = plan.units()[0];
  EXPECT_EQ(first.views, (std::vector<ImageView>{{1, 1}, {0, 1}}));
  std::vector<std::uint32_t> order;
  for (const auto& sample : first.samples) order.push_back(sample.sample);
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 2, 1, 4}));
  EXPECT_EQ(first.samples[1].views, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(plan.units()[1].index, 1U);
  EXPECT_EQ(plan.num_views(), 3U);
  EXPECT_EQ(plan.num_pairs(), 5U);
}

TEST(PairPlan, ClosesAUnitAtEitherLimitAndNeverTearsAnImageApart) {
  const auto set = make_set(3, {{0}, {0}, {0}, {1}, {2}});
  const PairPlan plan(set, small_units(10, 2));
  ASSERT_EQ(plan.units().size(), 2U);
  EXPECT_EQ(plan.units()[0].samples.size(), 3U);
  EXPECT_EQ(plan.units()[1].samples.size(), 2U);
}

TEST(PairPlan, TakesTheSecondImageOfASampleAsAnotherView) {
  const auto set = make_set(2, {{0, 1}, {1, 0}, {0, 1}});
  const PairPlan plan(set, small_units(10, 10));
  ASSERT_EQ(plan.units().size(), 1U);
  EXPECT_EQ(plan.units()[0].views, (std::vector<ImageView>{{0, 1}, {1, 2}, {1, 1}, {0, 2}}));
  EXPECT_EQ(plan.num_pairs(), 6U);
}

TEST(PairPlan, LimitTakesTheFirstSamplesOfTheFile) {
  const auto set = make_set(2, {{0}, {1}, {0}});
  PlanOptions options = small_units(4, 64);
  options.limit = 2;
  const PairPlan plan(set, options);
  EXPECT_EQ(plan.num_samples(), 2U);
  options.limit = 99;
  EXPECT_EQ(PairPlan(set, options).num_samples(), 3U);
}

TEST(PairPlan, HoldsEverySampleExactlyOnceForRandomSets) {
  std::mt19937 generator(7);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  for (int round = 0; round < 200; ++round) {
    const std::uint32_t images = 1 + random() % 20;
    std::vector<std::vector<std::uint32_t>> samples(random() % 60);
    for (auto& sample : samples) sample = {random() % images};
    const auto set = make_set(images, samples);
    const PairPlan plan(set, small_units(1 + random() % 5, 1 + random() % 9));
    std::multiset<std::uint32_t> seen;
    std::set<std::uint32_t> images_seen;
    std::uint64_t index = 0;
    for (const WorkUnit& unit : plan.units()) {
      EXPECT_EQ(unit.index, index++);
      for (const ImageView& view : unit.views) {
        EXPECT_TRUE(images_seen.insert(view.image).second) << "an image stands in two units";
      }
      for (const auto& planned : unit.samples) {
        seen.insert(planned.sample);
        EXPECT_EQ(unit.views.at(planned.views.at(0)).image, set.samples[planned.sample].images[0]);
      }
    }
    EXPECT_EQ(seen.size(), samples.size());
    EXPECT_TRUE(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}

TEST(PairPlan, RefusesEmptyUnits) {
  EXPECT_THROW(PairPlan(make_set(1, {{0}}), small_units(0, 1)), Error);
  EXPECT_THROW(PairPlan(make_set(1, {{0}}), small_units(1, 0)), Error);
}

}  // namespace
}  // namespace bteval::engine
