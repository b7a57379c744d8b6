#include "metrics/vqa_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "core/error.h"
#include "core/rounding.h"
#include "vqa_fixture.h"

namespace bteval::metrics {
namespace {

using testing::repeated;
using testing::VqaFixture;

TEST(VqaAccuracy, GroupsByTypeAndSortsByName) {
  VqaFixture fixture;
  fixture.add({"yes"}, "yes/no", "is the");
  fixture.add({"2"}, "number", "how many");
  fixture.add({"no"}, "yes/no", "are");
  VqaAccuracy accuracy(fixture.annotations, VqaVariant::kOfficial2021);
  accuracy.add(2, 0.3);
  accuracy.add(0, 1);
  EXPECT_EQ(accuracy.count(), 2U);
  EXPECT_EQ(accuracy.score(0), 1.0);
  EXPECT_EQ(accuracy.score(1), std::nullopt);
  const records::Score score = accuracy.value();
  EXPECT_EQ(score.metric, "VQA accuracy");
  EXPECT_EQ(score.scorer, "official-2021");
  EXPECT_EQ(score.overall.value, 65);
  EXPECT_EQ(score.overall.count, 2);
  ASSERT_EQ(score.groups.size(), 2U);
  EXPECT_EQ(score.groups[0].name, "by answer type");
  ASSERT_EQ(score.groups[0].values.size(), 1U) << "nothing was added for numbers";
  EXPECT_EQ(score.groups[0].values[0].name, "yes/no");
  ASSERT_EQ(score.groups[1].values.size(), 2U);
  EXPECT_EQ(score.groups[1].values[0].name, "are");
  EXPECT_EQ(score.groups[1].values[1].name, "is the");
  EXPECT_EQ(score.groups[1].values[1].value, 100);
}

TEST(VqaAccuracy, IsNotANumberWithoutScores) {
  VqaFixture fixture;
  fixture.add({"yes"});
  EXPECT_TRUE(std::isnan(VqaAccuracy(fixture.annotations, VqaVariant::kOfficial2021).value().overall.value));
}

TEST(VqaAccuracy, ScoresOfAQuestionComeOnce) {
  VqaFixture fixture;
  fixture.add({"yes"});
  VqaAccuracy one(fixture.annotations, VqaVariant::kOfficial2021);
  one.add(0, 1);
  EXPECT_THROW(one.add(0, 1), Error);
  VqaAccuracy two(fixture.annotations, VqaVariant::kOfficial2021);
  two.add(0, 0);
  EXPECT_THROW(one.merge(two), Error);
  EXPECT_THROW(one.merge(VqaAccuracy(fixture.annotations, VqaVariant::kPre2021)), Error);
  EXPECT_THROW(one.add(1, 0), std::out_of_range);
}

// Whatever the order and the shards, every bit of the result is that of one pass in file order, which is the
// official scorer's loop.
TEST(VqaAccuracy, MergingShardsIsBitByBitOnePass) {
  std::mt19937 random(4711);
  VqaFixture fixture;
  const std::vector<std::string> types = {"yes/no", "number", "other"};
  for (int i = 0; i < 5000; ++i) {
    const int cats = static_cast<int>(random() % 11);
    std::vector<std::string> answers = repeated({{"cat", cats}, {"dog", 10 - cats}});
    std::shuffle(answers.begin(), answers.end(), random);
    fixture.add(answers, types[random() % 3], "q" + std::to_string(random() % 20));
  }
  const VqaScorer scorer(fixture.annotations, VqaVariant::kOfficial2021);
  VqaAccuracy one_pass(fixture.annotations, VqaVariant::kOfficial2021);
  double sum = 0;
  for (std::size_t i = 0; i < 5000; ++i) {
    one_pass.add(i, scorer.score(i, "cat").value());
    sum += scorer.score(i, "cat").value();
  }
  const records::Score expected = one_pass.value();
  EXPECT_EQ(expected.overall.value, 100 * sum / 5000);
  for (const std::size_t shards : {2U, 7U}) {
    std::vector<VqaAccuracy> parts(shards, VqaAccuracy(fixture.annotations, VqaVariant::kOfficial2021));
    std::vector<std::size_t> order(5000);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) parts[random() % shards].add(i, scorer.score(i, "cat").value());
    for (std::size_t part = 1; part < shards; ++part) parts[0].merge(parts[part]);
    const records::Score merged = parts[0].value();
    EXPECT_EQ(merged.overall.value, expected.overall.value);
    for (std::size_t group = 0; group < 2; ++group) {
      ASSERT_EQ(merged.groups[group].values.size(), expected.groups[group].values.size());
      for (std::size_t i = 0; i < merged.groups[group].values.size(); ++i) {
        EXPECT_EQ(merged.groups[group].values[i].value, expected.groups[group].values[i].value);
        EXPECT_EQ(merged.groups[group].values[i].count, expected.groups[group].values[i].count);
      }
    }
  }
}

}  // namespace
}  // namespace bteval::metrics
