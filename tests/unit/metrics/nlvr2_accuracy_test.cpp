#include "metrics/nlvr2_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace bteval::metrics {
namespace {

using records::Nlvr2Labels;
using records::Score;
using records::ScoreValue;

// Groups {0, 2}, {1}, {3, 4}; the last example has no label.
Nlvr2Labels labels() {
  Nlvr2Labels out;
  out.labels = {true, false, false, true, true, std::nullopt};
  out.group_of_example = {0, 1, 0, 2, 2, 3};
  out.num_groups = 4;
  out.subsets = {{"balanced", {0, 3}}, {"unbalanced", {1, 2, 4}}};
  out.categories = {{"negation", {1, 2}}, {"spatial", {2, 5}}};
  return out;
}

const ScoreValue& value(const Score& score, const std::string& group, const std::string& name) {
  for (const auto& g : score.groups) {
    for (const auto& v : g.values) {
      if (g.name == group && v.name == name) return v;
    }
  }
  throw std::runtime_error("there is no " + group + " " + name);
}

void expect(const ScoreValue& value, std::int64_t correct, std::int64_t count) {
  EXPECT_EQ(value.correct, correct) << value.name;
  EXPECT_EQ(value.count, count) << value.name;
  EXPECT_EQ(value.value, 100 * (static_cast<double>(correct) / static_cast<double>(count))) << value.name;
}

TEST(Nlvr2Accuracy, CountsExamplesAndGroups) {
  const Nlvr2Labels all = labels();
  Nlvr2Accuracy accuracy(all);
  accuracy.add(0, true);
  accuracy.add(1, false);
  accuracy.add(2, false);
  accuracy.add(3, true);
  accuracy.add(4, false);
  const Score score = accuracy.value();
  EXPECT_EQ(score.metric, "NLVR2 accuracy");
  EXPECT_EQ(score.scorer, "official");
  expect(score.overall, 4, 5);
  expect(value(score, "consistency", "overall"), 2, 3);
  expect(value(score, "consistency", "balanced"), 2, 2);  // example 4 of group 2 is not in the subset
  expect(value(score, "consistency", "unbalanced"), 2, 3);
  expect(value(score, "accuracy of subsets", "balanced"), 2, 2);
  expect(value(score, "accuracy of subsets", "unbalanced"), 2, 3);
  expect(value(score, "accuracy by reasoning category", "negation"), 2, 2);
  expect(value(score, "accuracy by reasoning category", "spatial"), 1, 1);
  EXPECT_EQ(accuracy.count(), 5);
}

TEST(Nlvr2Accuracy, MissingPredictionsAreWrongAndShardsMerge) {
  const Nlvr2Labels all = labels();
  Nlvr2Accuracy one(all), other(all);
  one.add(0, true);
  other.add_wrong(2);
  other.add(3, true);
  one.merge(other);
  const Score score = one.value();
  expect(score.overall, 2, 3);
  expect(value(score, "consistency", "overall"), 1, 2);
  EXPECT_THROW(one.merge(other), Error);
  const Nlvr2Labels copy = labels();
  EXPECT_THROW(one.merge(Nlvr2Accuracy(copy)), Error);
}

TEST(Nlvr2Accuracy, RefusesWhatCannotBe) {
  const Nlvr2Labels all = labels();
  Nlvr2Accuracy accuracy(all);
  accuracy.add(0, true);
  EXPECT_THROW(accuracy.add(0, true), Error);
  EXPECT_THROW(accuracy.add(5, true), Error);
  EXPECT_THROW(accuracy.add(6, true), std::out_of_range);
}

TEST(Nlvr2Accuracy, WithoutExamplesThereIsNoNumber) {
  Nlvr2Labels bare = labels();
  bare.subsets.clear();
  bare.categories.clear();
  const Score score = Nlvr2Accuracy(bare).value();
  EXPECT_TRUE(std::isnan(score.overall.value));
  ASSERT_EQ(score.groups.size(), 1U);
  EXPECT_EQ(score.groups[0].name, "consistency");
}

}  // namespace
}  // namespace bteval::metrics
