#include "metrics/retrieval_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "metrics/retrieval_top.h"
#include "retrieval_reference.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::metrics {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;
using testing::RandomRetrieval;
using testing::SortedRanks;

std::map<std::string, double> values_of(const records::Score& score, const std::string& group) {
  std::map<std::string, double> out;
  for (const records::ScoreGroup& candidate : score.groups) {
    if (candidate.name != group) continue;
    for (const records::ScoreValue& value : candidate.values) out[value.name] = value.value;
  }
  return out;
}

TEST(RankTally, GivesRecallsMedianAndMeanByHand) {
  const std::vector<RankCounts> ranks = {{0, 0, 1}, {4, 0, 0}, {5, 1, 5}, {20, 0, 0}};
  RankTally tally;
  tally.add(ranks);
  const RecallValues by_id = tally.value(TieRule::kId);  // ranks 1, 5, 7, 21
  EXPECT_THAT(by_id.recall, ElementsAre(25, 50, 75));
  EXPECT_EQ(by_id.median_rank, 6);  // floor((4 + 6) / 2) + 1
  EXPECT_EQ(by_id.mean_rank, (1 + 5 + 7 + 21) / 4.0);
  EXPECT_EQ(by_id.mean_recall(), 50);
  EXPECT_THAT(tally.value(TieRule::kPessimistic).recall, ElementsAre(0, 50, 50));  // 2, 5, 11, 21
  EXPECT_EQ(tally.value(TieRule::kOptimistic).median_rank, 5);                     // floor((4 + 5) / 2) + 1
  EXPECT_EQ(tally.hits(5, TieRule::kId), 2);

  RankTally first, second;
  first.add(std::span(ranks).first(1));
  second.add(std::span(ranks).subspan(1));
  second.merge(first);
  EXPECT_EQ(second.count(), 4);
  EXPECT_EQ(second.value(TieRule::kId).median_rank, by_id.median_rank);
  EXPECT_EQ(second.value(TieRule::kId).mean_rank, by_id.mean_rank);
  EXPECT_THAT(error_text([] { RankTally().value(TieRule::kId); }), HasSubstr("no queries"));
}

// The scores of mmf's own test of its recall: 10 queries, 100 candidates, the right one is the last.
TEST(RetrievalScore, AgreesWithTheTestOfMmf) {
  constexpr std::uint32_t kQueries = 10;
  constexpr std::uint32_t kCandidates = 100;
  std::vector<float> scores;
  for (std::uint32_t i = 0; i < kQueries; ++i) {
    for (std::uint32_t j = 0; j + 1 < kCandidates; ++j) scores.push_back(2.0F * static_cast<float>(j));
    scores.push_back(i == 0 ? 198.0F : 2.0F * 99 - 1 - 2.0F * static_cast<float>(i + 2));
  }
  // Image retrieval with the queries as captions of image 99; the other images get a caption each.
  std::vector<std::uint32_t> image_of(kQueries, kCandidates - 1);
  for (std::uint32_t image = 0; image + 1 < kCandidates; ++image) image_of.push_back(image);
  scores.resize(image_of.size() * kCandidates);
  const RetrievalRanks ranks =
      rank_matrix({kCandidates, static_cast<std::uint32_t>(image_of.size()), true, scores, {}, nullptr},
                  RetrievalLabels(kCandidates, image_of));
  RankTally tally;
  tally.add(std::span(ranks.image).first(kQueries));
  EXPECT_THAT(tally.value(TieRule::kId).recall, ElementsAre(10, 30, 80));
  if (const auto data = testing::test_data_dir()) {
    const Json file = read_json(*data / "retrieval/mmf_recall_at_k.json");
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      EXPECT_EQ(rank_of(ranks.image[i], TieRule::kId) + 1,
                file["rank_of_target_1based"][i].get<std::uint32_t>());
    }
  }
}

TEST(RetrievalScore, GivesTheIntervalWhereTiesDecide) {
  const RandomRetrieval data(3, 12);
  RetrievalScoring options;
  options.protocol = RetrievalProtocol::kItm;
  const records::Score score = score_retrieval(data.scores, data.labels(), options);
  EXPECT_EQ(score.scorer, "itm, ties id");
  const SortedRanks best(data.scores, data.labels(), options.protocol, TieRule::kOptimistic);
  const auto hits = std::ranges::count_if(best.image, [](std::uint32_t rank) { return rank < 5; });
  const double queries = data.scores.num_captions;
  EXPECT_DOUBLE_EQ(values_of(score, "image retrieval, optimistic").at("R@5"),
                   100.0 * static_cast<double>(hits) / queries);
  double sum = 0;
  for (const char* direction : {"text retrieval", "image retrieval"}) {
    for (const char* recall : {"R@1", "R@5", "R@10"}) {
      const double value = values_of(score, direction).at(recall);
      EXPECT_LE(values_of(score, std::string(direction) + ", pessimistic").at(recall), value);
      EXPECT_GE(values_of(score, std::string(direction) + ", optimistic").at(recall), value);
      sum += value;
    }
  }
  EXPECT_DOUBLE_EQ(values_of(score, "both directions").at("RSUM"), sum);
  EXPECT_DOUBLE_EQ(score.overall.value, sum / 6);
  EXPECT_EQ(score.overall.count, data.scores.num_images + data.scores.num_captions);
  ASSERT_TRUE(score.groups[1].values[1].correct.has_value());
  EXPECT_DOUBLE_EQ(100.0 * static_cast<double>(*score.groups[1].values[1].correct) / queries,
                   values_of(score, "image retrieval").at("R@5"));

  const std::vector<float> clear = {2, 1, 1, 2};
  records::RetrievalScores untied;
  untied.dense = {2, 2, false, clear, {}, nullptr};
  options.protocol = RetrievalProtocol::kDense;
  EXPECT_EQ(score_retrieval(untied, RetrievalLabels(2, {0, 1}), options).groups.size(), 3U);
}

// Folds are what scoring each fold as a split of its own and taking the mean gives.
TEST(RetrievalScore, TakesTheMeanOverFolds) {
  const RandomRetrieval data(11, 12);
  const RetrievalLabels labels = data.labels();
  for (const RetrievalProtocol protocol : kRetrievalProtocols) {
    SCOPED_TRACE(retrieval_protocol_name(protocol));
    RetrievalScoring options;
    options.protocol = protocol;
    options.folds = true;
    options.whole = false;
    options.fold = {3, 4, 2};
    const records::Score score = score_retrieval(data.scores, labels, options);
    double text = 0;
    double image = 0;
    double median = 0;
    for (std::uint32_t fold = 0; fold < 3; ++fold) {
      std::vector<std::uint32_t> columns;
      std::vector<std::uint32_t> image_of;
      for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
        const std::uint32_t owner = labels.image_of(caption);
        const auto own = labels.captions_of(owner);
        if (owner / 4 != fold || std::ranges::find(own, caption) - own.begin() >= 2) continue;
        columns.push_back(caption);
        image_of.push_back(owner - 4 * fold);
      }
      const auto by_image = testing::full_matrix(data.scores, protocol, records::kImageToText);
      const auto by_caption = testing::full_matrix(data.scores, protocol, records::kTextToImage);
      std::vector<std::uint32_t> text_ranks, image_ranks;
      for (std::uint32_t row = 0; row < 4; ++row) {
        std::vector<double> scores;
        std::vector<bool> right;
        for (std::size_t i = 0; i < columns.size(); ++i) {
          scores.push_back(by_image[4 * fold + row][columns[i]]);
          right.push_back(image_of[i] == row);
        }
        text_ranks.push_back(testing::rank_by_sorting(scores, right, TieRule::kId));
      }
      for (std::size_t i = 0; i < columns.size(); ++i) {
        std::vector<double> scores;
        std::vector<bool> right;
        for (std::uint32_t row = 0; row < 4; ++row) {
          scores.push_back(by_caption[4 * fold + row][columns[i]]);
          right.push_back(image_of[i] == row);
        }
        image_ranks.push_back(testing::rank_by_sorting(scores, right, TieRule::kId));
      }
      const auto at_one = [](const std::vector<std::uint32_t>& ranks) {
        return 100.0 * static_cast<double>(std::ranges::count(ranks, 0U)) / static_cast<double>(ranks.size());
      };
      text += at_one(text_ranks) / 3;
      image += at_one(image_ranks) / 3;
      std::ranges::sort(text_ranks);
      median += ((text_ranks[1] + text_ranks[2]) / 2 + 1) / 3.0;
    }
    EXPECT_NEAR(values_of(score, "text retrieval 4").at("R@1"), text, 1e-9);
    EXPECT_NEAR(values_of(score, "image retrieval 4").at("R@1"), image, 1e-9);
    EXPECT_NEAR(values_of(score, "text retrieval 4").at("median rank"), median, 1e-9);
  }
  RetrievalScoring wrong;
  wrong.protocol = RetrievalProtocol::kItc;
  wrong.folds = true;
  EXPECT_THAT(error_text([&] { score_retrieval(data.scores, labels, wrong); }),
              HasSubstr("5 folds of 1000 images need a split of 5000 images; this one has 12"));
}

TEST(RetrievalScore, SaysWhatAProtocolLacks) {
  const RetrievalLabels labels(1, {0});
  records::RetrievalScores scores;
  for (const auto& [protocol, lack] :
       {std::pair(RetrievalProtocol::kBlip, "blip needs candidate pairs"),
        std::pair(RetrievalProtocol::kItc, "itc needs ITC embeddings"),
        std::pair(RetrievalProtocol::kDense, "dense needs a score of every pair")}) {
    RetrievalScoring options;
    options.protocol = protocol;
    EXPECT_THAT(error_text([&] { score_retrieval(scores, labels, options); }), HasSubstr(lack));
  }
  EXPECT_THAT(error_text([&] { default_protocol(scores); }), HasSubstr("there are no scores"));
  scores.image_embeddings = {1};
  EXPECT_EQ(default_protocol(scores), RetrievalProtocol::kItc);
  scores.dense = records::ScoreMatrix::own(1, 1, {1});
  EXPECT_EQ(default_protocol(scores), RetrievalProtocol::kDense);
  scores.top_k = 1;
  EXPECT_EQ(default_protocol(scores), RetrievalProtocol::kItm);
  for (const RetrievalProtocol protocol : kRetrievalProtocols) {
    EXPECT_EQ(retrieval_protocol(retrieval_protocol_name(protocol)), protocol);
  }
  EXPECT_THAT(error_text([] { retrieval_protocol("x"); }),
              HasSubstr("there are itm, albef, blip, itc, dense"));
  EXPECT_THAT(error_text([] { tie_rule("x"); }), HasSubstr("id, optimistic or pessimistic"));
}

TEST(TopAnswers, AreTheFirstOfTheSortedLists) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const RandomRetrieval data(seed, 2 + seed % 7);
    const RetrievalLabels labels = data.labels();
    for (const RetrievalProtocol protocol : kRetrievalProtocols) {
      SCOPED_TRACE(fmt::format("seed {}, {}", seed, retrieval_protocol_name(protocol)));
      const TopAnswers top = top_answers(data.scores, labels, protocol, 3);
      const auto by_caption = testing::full_matrix(data.scores, protocol, records::kTextToImage);
      const bool sparse = protocol != RetrievalProtocol::kDense && protocol != RetrievalProtocol::kItc;
      for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
        std::vector<RankedAnswer> expected;
        for (std::uint32_t image = 0; image < labels.num_images(); ++image) {
          const bool known =
              !sparse || std::ranges::any_of(data.scores.pairs, [&](const records::ScoredPair& pair) {
                return pair.image == image && pair.caption == caption &&
                       (protocol == RetrievalProtocol::kItm ||
                        (pair.directions & records::kTextToImage) != 0);
              });
          if (known) expected.push_back({image, by_caption[image][caption]});
        }
        std::ranges::stable_sort(
            expected, [](const RankedAnswer& a, const RankedAnswer& b) { return a.score > b.score; });
        if (expected.size() > 3) expected.resize(3);
        ASSERT_EQ(top.image[caption], expected);
      }
    }
  }
  const RandomRetrieval data(1, 2);
  EXPECT_THAT(error_text([&] { top_answers(data.scores, data.labels(), RetrievalProtocol::kItc, 0); }),
              HasSubstr("the depth is 0"));
}

// A caption-major matrix gives the same lists as its transpose.
TEST(TopAnswers, DoNotDependOnOrientation) {
  const RandomRetrieval data(5, 9);
  records::RetrievalScores other = data.scores;
  std::vector<float> transposed;
  for (std::uint32_t caption = 0; caption < other.num_captions; ++caption) {
    for (std::uint32_t image = 0; image < other.num_images; ++image) {
      transposed.push_back(data.scores.dense.f32[image * other.num_captions + caption]);
    }
  }
  other.dense = {other.num_images, other.num_captions, true, transposed, {}, nullptr};
  const TopAnswers a = top_answers(data.scores, data.labels(), RetrievalProtocol::kDense, 4);
  const TopAnswers b = top_answers(other, data.labels(), RetrievalProtocol::kDense, 4);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.image, b.image);
}

}  // namespace
}  // namespace bteval::metrics
