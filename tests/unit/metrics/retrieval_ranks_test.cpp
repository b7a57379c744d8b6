#include "metrics/retrieval_ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "retrieval_reference.h"
#include "support/error_text.h"

namespace bteval::metrics {
namespace {

using records::ScoreMatrix;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;
using testing::RandomRetrieval;
using testing::SortedRanks;

constexpr TieRule kRules[] = {TieRule::kId, TieRule::kOptimistic, TieRule::kPessimistic};

std::vector<std::uint32_t> ranks_of(const std::vector<RankCounts>& counts, TieRule rule) {
  std::vector<std::uint32_t> out;
  for (const RankCounts& count : counts) out.push_back(rank_of(count, rule));
  return out;
}

TEST(RetrievalRanks, EqualThoseOfSortedListsUnderEveryProtocolAndTieRule) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const RandomRetrieval data(seed, 1 + seed % 9);
    const RetrievalLabels labels = data.labels();
    for (const RetrievalProtocol protocol : kRetrievalProtocols) {
      const RetrievalRanks ranks = rank_retrieval(data.scores, labels, protocol, 1 + seed % 3);
      for (const TieRule rule : kRules) {
        SCOPED_TRACE(
            fmt::format("seed {}, {}, {}", seed, retrieval_protocol_name(protocol), tie_rule_name(rule)));
        const SortedRanks expected(data.scores, labels, protocol, rule);
        ASSERT_EQ(ranks_of(ranks.text, rule), expected.text);
        ASSERT_EQ(ranks_of(ranks.image, rule), expected.image);
      }
    }
  }
}

// More rows and columns than a block of the counting has.
TEST(RetrievalRanks, DoNotDependOnBlocksThreadsOrientationAndDtype) {
  const RandomRetrieval data(7, 700);
  const RetrievalLabels labels = data.labels();
  const ScoreMatrix& matrix = data.scores.dense;
  const RetrievalRanks ranks = rank_matrix(matrix, labels, 1);
  const SortedRanks expected(data.scores, labels, RetrievalProtocol::kDense, TieRule::kId);
  EXPECT_EQ(ranks_of(ranks.text, TieRule::kId), expected.text);
  EXPECT_EQ(ranks_of(ranks.image, TieRule::kId), expected.image);

  std::vector<float> transposed(matrix.f32.size());
  std::vector<double> doubles(matrix.f32.begin(), matrix.f32.end());
  for (std::size_t image = 0; image < matrix.num_images; ++image) {
    for (std::size_t caption = 0; caption < matrix.num_captions; ++caption) {
      transposed[caption * matrix.num_images + image] = matrix.f32[image * matrix.num_captions + caption];
    }
  }
  ScoreMatrix by_caption{matrix.num_images, matrix.num_captions, true, transposed, {}, nullptr};
  ScoreMatrix wide{matrix.num_images, matrix.num_captions, false, {}, doubles, nullptr};
  for (const ScoreMatrix& other : {matrix, by_caption, wide}) {
    for (const unsigned threads : {1U, 5U}) {
      const RetrievalRanks same = rank_matrix(other, labels, threads);
      EXPECT_EQ(same.text, ranks.text);
      EXPECT_EQ(same.image, ranks.image);
    }
  }
}

TEST(RetrievalRanks, TellDoublesApartThatAreOneFloat) {
  const std::vector<double> scores = {1.0, 1.0 + 1e-12, 1.0 + 1e-12, 1.0};
  const RetrievalLabels labels(2, {0, 1});
  const RetrievalRanks ranks = rank_matrix({2, 2, false, {}, scores, nullptr}, labels);
  EXPECT_THAT(ranks.text, ElementsAre(RankCounts{1, 0, 0}, RankCounts{1, 0, 0}));
}

TEST(RetrievalRanks, CountOnlyWrongAnswersAsTied) {
  // Image 0 has captions 0 and 2, which tie with each other and with caption 1 of image 1.
  const std::vector<float> scores = {5, 5, 5, 5, 6, 5};
  const RetrievalRanks ranks = rank_matrix({2, 3, false, scores, {}, nullptr}, RetrievalLabels(2, {0, 1, 0}));
  EXPECT_THAT(ranks.text, ElementsAre(RankCounts{0, 0, 1}, RankCounts{0, 0, 0}));
  EXPECT_THAT(ranks.image, ElementsAre(RankCounts{0, 0, 1}, RankCounts{0, 0, 0}, RankCounts{0, 0, 1}));
}

TEST(RetrievalRanks, PutCandidatesBelowMinusHundredBehindAllThatAreNone) {
  const RetrievalLabels labels(1, {0, 0, 0});
  const std::vector<records::ScoredPair> pairs = {{0, 0, 0, -200, 3}};
  const RetrievalRanks ranks = rank_pairs(pairs, labels, {});
  EXPECT_EQ(ranks.text[0], (RankCounts{0, 0, 0})) << "the image's other captions are right, too";
  const RetrievalLabels apart(3, {0, 1, 2});
  EXPECT_EQ(rank_pairs(pairs, apart, {}).text[0], (RankCounts{2, 0, 0}));
  EXPECT_EQ(rank_pairs(pairs, apart, {}).text[1], (RankCounts{0, 1, 2}));
  EXPECT_EQ(rank_pairs({}, apart, {}).image[2], (RankCounts{0, 2, 2}));
}

TEST(RetrievalRanks, TieEqualEmbeddingsExactly) {
  std::vector<float> images, texts;
  for (int d = 0; d < 37; ++d) {
    images.push_back(std::sin(static_cast<float>(d)));
    texts.push_back(std::cos(static_cast<float>(d)));
  }
  constexpr std::uint32_t kTexts = 11;  // no multiple of a tile
  const std::vector<float> one = texts;
  for (std::uint32_t i = 1; i < kTexts; ++i) texts.insert(texts.end(), one.begin(), one.end());
  const RetrievalRanks ranks =
      rank_embeddings(images, texts, 37, RetrievalLabels(1, std::vector<std::uint32_t>(kTexts, 0)));
  EXPECT_EQ(ranks.text[0], (RankCounts{0, 0, 0}));
  std::vector<float> two_images = images;
  two_images.insert(two_images.end(), images.begin(), images.end());
  std::vector<std::uint32_t> image_of(kTexts, 0);
  image_of.back() = 1;
  const RetrievalRanks tied = rank_embeddings(two_images, texts, 37, RetrievalLabels(2, image_of));
  EXPECT_EQ(tied.text[1], (RankCounts{0, kTexts - 1, kTexts - 1}));
  EXPECT_EQ(tied.image[0], (RankCounts{0, 0, 1}));
}

TEST(RetrievalRanks, NameThePairWhoseScoreIsNaN) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const RetrievalLabels labels(2, {0, 1, 1});
  const auto named = HasSubstr("image 1, caption 2 (counted from 0): the score is NaN");
  for (const unsigned threads : {1U, 2U}) {
    const std::vector<float> scores = {0, 0, 0, 0, 0, kNan};
    EXPECT_THAT(error_text([&] { rank_matrix({2, 3, false, scores, {}, nullptr}, labels, threads); }), named);
    EXPECT_THAT(error_text([&] { rank_matrix({2, 3, true, scores, {}, nullptr}, labels, threads); }), named);
  }
  const std::vector<records::ScoredPair> pairs = {{0, 0, 0, 1, 1}, {1, 2, kNan, 0, 3}};
  EXPECT_THAT(error_text([&] { rank_pairs(pairs, labels, {false, true}); }), named);
  EXPECT_EQ(rank_pairs(pairs, labels, {}).text[1].above, 0U) << "itc does not count here";
  const std::vector<float> images = {1, 1};
  const std::vector<float> texts = {1, 1, kNan};
  EXPECT_THAT(error_text([&] { rank_embeddings(images, texts, 1, labels); }),
              HasSubstr("image 0, caption 2 (counted from 0): the score is NaN"));
}

TEST(RetrievalRanks, RankInfinities) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<float> scores = {-kInf, kInf, -kInf, -kInf};
  const RetrievalRanks ranks = rank_matrix({2, 2, false, scores, {}, nullptr}, RetrievalLabels(2, {0, 1}));
  EXPECT_THAT(ranks.text, ElementsAre(RankCounts{1, 0, 0}, RankCounts{0, 1, 1}));
}

TEST(RetrievalRanks, RefuseSizesThatContradict) {
  const RetrievalLabels labels(2, {0, 1});
  const std::vector<float> scores(4);
  EXPECT_THAT(error_text([&] {
                rank_matrix({2, 3, false, scores, {}, nullptr}, labels);
              }),
              HasSubstr("the scores are of 2 images and 3 captions, the split has 2 and 2"));
  EXPECT_THAT(error_text([&] {
                rank_matrix({2, 2, false, std::span(scores).first(3), {}, nullptr}, labels);
              }),
              HasSubstr("the scores are of"));
  EXPECT_THAT(error_text([&] { rank_embeddings(scores, scores, 3, labels); }),
              HasSubstr("there are no embeddings"));
  EXPECT_THAT(error_text([&] { rank_embeddings({}, {}, 0, labels); }), HasSubstr("there are no embeddings"));
  const std::vector<records::ScoredPair> outside = {{0, 2, 0, 0, 1}};
  EXPECT_THAT(error_text([&] { rank_pairs(outside, labels, {}); }),
              HasSubstr("pair 0 is of image 0 and caption 2"));
  const std::vector<records::ScoredPair> twice = {{0, 1, 0, 0, 1}, {0, 1, 0, 0, 2}};
  EXPECT_THAT(error_text([&] { rank_pairs(twice, labels, {}); }), HasSubstr("not in the order"));
}

TEST(RetrievalLabels, ListTheCaptionsOfEachImage) {
  const RetrievalLabels labels(2, {1, 0, 1});
  EXPECT_EQ(labels.num_images(), 2U);
  EXPECT_EQ(labels.num_captions(), 3U);
  EXPECT_THAT(labels.captions_of(1), ElementsAre(0, 2));
  EXPECT_EQ(labels.image_of(1), 0U);
  EXPECT_THAT(error_text([] {
                RetrievalLabels(2, {0, 2});
              }),
              HasSubstr("a caption is of image 2, but there are 2"));
  EXPECT_THAT(error_text([] { RetrievalLabels(2, {0, 0}); }), HasSubstr("image 1 has no caption"));
}

}  // namespace
}  // namespace bteval::metrics
