#include "metrics/snli_ve_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bteval::metrics {
namespace {

using records::Score;
using records::SnliVeClass;
constexpr auto kC = SnliVeClass::kContradiction;
constexpr auto kN = SnliVeClass::kNeutral;
constexpr auto kE = SnliVeClass::kEntailment;

double value(const Score& score, std::size_t group, std::size_t index) {
  return score.groups.at(group).values.at(index).value;
}

// Expected values: scikit-learn's precision_recall_fscore_support and f1_score(average="macro") for
// gold = [0, 0, 0, 1, 1, 2], predicted = [0, 0, 1, 1, 2, 2].
TEST(SnliVeAccuracy, AgreesWithScikitLearn) {
  SnliVeAccuracy accuracy;
  for (const auto& [gold, predicted] :
       {std::pair{kC, kC}, {kC, kC}, {kC, kN}, {kN, kN}, {kN, kE}, {kE, kE}}) {
    accuracy.add(gold, predicted);
  }
  const Score score = accuracy.value();
  EXPECT_EQ(score.metric, "SNLI-VE accuracy");
  EXPECT_DOUBLE_EQ(score.overall.value, 100 * (4.0 / 6));
  EXPECT_EQ(score.overall.correct, 4);
  EXPECT_EQ(score.groups[0].name, "accuracy by class");
  EXPECT_EQ(score.groups[0].values[2].name, "entailment");
  const double recall[] = {200.0 / 3, 50, 100};
  const double precision[] = {100, 50, 50};
  const double f1[] = {80, 50, 200.0 / 3};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_DOUBLE_EQ(value(score, 0, i), recall[i]) << i;
    EXPECT_DOUBLE_EQ(value(score, 1, i), precision[i]) << i;
    EXPECT_DOUBLE_EQ(value(score, 2, i), f1[i]) << i;
  }
  EXPECT_DOUBLE_EQ(value(score, 3, 0), 65.55555555555556);
  ASSERT_EQ(score.matrices.size(), 1U);
  EXPECT_EQ(score.matrices[0].columns, (std::vector<std::string>{"contradiction", "neutral", "entailment"}));
  EXPECT_EQ(score.matrices[0].counts, (std::vector<std::int64_t>{2, 1, 0, 0, 1, 1, 0, 0, 1}));
}

TEST(SnliVeAccuracy, MissingPredictionsAreWrongAndShardsMerge) {
  SnliVeAccuracy one, other;
  one.add(kC, kC);
  other.add(kC, std::nullopt);
  one.merge(other);
  const Score score = one.value();
  EXPECT_EQ(score.overall.value, 50);
  EXPECT_EQ(score.overall.count, 2);
  EXPECT_EQ(score.matrices[0].columns.back(), "none");
  EXPECT_EQ(score.matrices[0].counts, (std::vector<std::int64_t>{1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  // Neither gold nor predicted: left out of the mean, as scikit-learn does.
  EXPECT_DOUBLE_EQ(value(score, 3, 0), 200.0 / 3);
  EXPECT_TRUE(std::isnan(value(score, 1, 2)));
}

TEST(SnliVeAccuracy, AClassThatIsNeverHitHasAnF1OfZero) {
  SnliVeAccuracy accuracy;
  accuracy.add(kC, kN);
  const Score score = accuracy.value();
  EXPECT_EQ(value(score, 0, 0), 0);
  EXPECT_TRUE(std::isnan(value(score, 1, 0)));
  EXPECT_EQ(value(score, 2, 0), 0);
  EXPECT_EQ(value(score, 3, 0), 0);
}

TEST(SnliVeAccuracy, WithoutSamplesThereIsNoNumber) {
  EXPECT_TRUE(std::isnan(SnliVeAccuracy().value().overall.value));
  EXPECT_TRUE(std::isnan(value(SnliVeAccuracy().value(), 3, 0)));
}

}  // namespace
}  // namespace bteval::metrics
