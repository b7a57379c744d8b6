#include "metrics/vqa_scorer.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "vqa_fixture.h"

namespace bteval::metrics {
namespace {

using testing::repeated;
using testing::VqaFixture;

double score(const VqaFixture& fixture, std::size_t index, std::string_view prediction,
             VqaVariant variant = VqaVariant::kOfficial2021) {
  return VqaScorer(fixture.annotations, variant).score(index, prediction).value();
}

TEST(VqaScorer, MatchesGiveTenthsOfNine) {
  VqaFixture fixture;
  const double expected[] = {0, 0.3, 0.6, 0.9, 1, 1, 1, 1, 1, 1};
  for (int matches = 0; matches < 10; ++matches) {
    fixture.add(repeated({{"cat", matches}, {"dog", 10 - matches}}));
    EXPECT_NEAR(score(fixture, static_cast<std::size_t>(matches), "cat"), expected[matches], 1e-15)
        << matches;
  }
  EXPECT_EQ(score(fixture, 1, "dog"), 1);
}

TEST(VqaScorer, NobodyIsNormalisedWhereAllHumansAgree) {
  VqaFixture fixture;
  fixture.add(repeated({{"two", 10}}));
  fixture.add(repeated({{"yes", 10}}));
  fixture.add(repeated({{"two", 9}, {"Two", 1}}));
  EXPECT_EQ(score(fixture, 0, "2"), 0);
  EXPECT_EQ(score(fixture, 0, "two"), 1);
  EXPECT_EQ(score(fixture, 1, "Yes."), 0);
  EXPECT_EQ(score(fixture, 1, "yes."), 0);
  EXPECT_EQ(score(fixture, 1, "\n yes\t"), 1);
  EXPECT_EQ(score(fixture, 2, "The 2!"), 1);
}

TEST(VqaScorer, WhiteSpaceDoesNotMakeHumansDiffer) {
  VqaFixture fixture;
  fixture.add(repeated({{"a dog", 5}, {"a dog\n", 3}, {" a\tdog", 2}}));
  EXPECT_EQ(score(fixture, 0, "a dog"), 1);
  EXPECT_EQ(score(fixture, 0, "dog"), 0);
  // The older scorer compares the raw strings.
  EXPECT_NEAR(score(fixture, 0, "a dog", VqaVariant::kPre2021), 0, 0);
}

TEST(VqaScorer, AHumanIsLeftOutWithEveryEqualRecord) {
  VqaFixture fixture;
  fixture.begin("other", "what");
  for (int i = 0; i < 4; ++i) fixture.add_answer("cat", "yes", std::nullopt);
  for (int i = 0; i < 6; ++i) fixture.add_answer("dog", "yes", std::nullopt);
  EXPECT_NEAR(score(fixture, 0, "cat"), 0.6, 1e-15) << "the four who said cat see no cat among the others";
  fixture.begin("other", "what");
  fixture.add_answer("cat", "yes", std::nullopt);
  fixture.add_answer("cat", "maybe", std::nullopt);
  for (int i = 0; i < 8; ++i) fixture.add_answer("dog", "yes", std::nullopt);
  EXPECT_NEAR(score(fixture, 1, "cat"), (2 * 1.0 / 3 + 8 * 2.0 / 3) / 10, 1e-15);
  fixture.begin("other", "what");
  for (int i = 0; i < 4; ++i) fixture.add_answer(i < 2 ? "The cat" : "cat", "yes", i / 2);
  for (int i = 0; i < 6; ++i) fixture.add_answer("dog", "yes", std::nullopt);
  EXPECT_NEAR(score(fixture, 2, "cat"), (4 * 2.0 / 3 + 6) / 10, 1e-15) << "equal after normalisation";
}

TEST(VqaScorer, ThereNeedNotBeTenHumans) {
  VqaFixture fixture;
  fixture.add({"cat"});
  fixture.add({"cat", "dog", "cat"});
  EXPECT_EQ(score(fixture, 0, "cat"), 0) << "nobody else said so";
  EXPECT_NEAR(score(fixture, 1, "cat"), (1.0 / 3 + 2.0 / 3 + 1.0 / 3) / 3, 1e-15);
}

TEST(VqaScorer, ThePre2021VariantNormalisesOneSidedly) {
  VqaFixture fixture;
  fixture.add(repeated({{"two", 10}}));
  fixture.add(repeated({{"the dog", 6}, {"dog.", 4}}));
  fixture.add(repeated({{"Cat", 6}, {"cat", 4}}));
  const auto old = [&](std::size_t index, std::string_view prediction) {
    return score(fixture, index, prediction, VqaVariant::kPre2021);
  };
  EXPECT_EQ(old(0, "two"), 0) << "becomes 2, which no human said";
  EXPECT_EQ(old(1, "The dog"), 1) << "dog, as four said once the period is gone";
  EXPECT_NEAR(old(2, "Cat"), 1, 0) << "cat, as four said";
  EXPECT_EQ(score(fixture, 1, "dog"), 1);
}

TEST(VqaScorer, LabelScoreIsTheSoftTargetOverTheVocabulary) {
  VqaFixture fixture;
  const double expected[] = {0, 0.3, 0.6, 0.9, 1, 1};
  for (int matches = 0; matches < 6; ++matches) {
    fixture.add(repeated({{"cat", matches}, {"dog", 9 - matches}, {"rare", 1}}));
  }
  fixture.add(repeated({{"rare", 10}}));
  fixture.add(repeated({{"Cat", 5}, {"dog", 5}}));
  const std::vector<std::string> vocabulary = {"cat", "dog"};
  const VqaScorer scorer(fixture.annotations, VqaVariant::kLabelScore, vocabulary);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(scorer.score(i, "cat"), expected[i]) << i;
  EXPECT_EQ(scorer.score(0, "rare"), 0.0) << "no label of the model";
  EXPECT_EQ(scorer.score(6, "cat"), std::nullopt) << "no human answer is a label";
  EXPECT_EQ(scorer.score(7, "cat"), 0.0) << "human answers are compared as they stand";
  EXPECT_THROW(VqaScorer(fixture.annotations, VqaVariant::kLabelScore), Error);
}

TEST(VqaScorer, VariantsHaveNames) {
  for (const VqaVariant variant : kVqaVariants) EXPECT_EQ(vqa_variant(vqa_variant_name(variant)), variant);
  try {
    vqa_variant("official");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STREQ(error.what(),
                 "there is no scorer 'official'; choose one of official-2021, pre-2021, label-score");
  }
}

}  // namespace
}  // namespace bteval::metrics
