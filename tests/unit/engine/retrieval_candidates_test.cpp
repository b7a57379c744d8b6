#include "engine/retrieval_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "core/error.h"

namespace bteval::engine {
namespace {

using records::RetrievalScores;
using records::ScoredPair;

/// Few distinct directions, so that many similarities are equal to the bit.
RetrievalScores random_scores(std::uint32_t images, std::uint32_t captions, std::uint32_t dim,
                              std::uint32_t distinct, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> directions(distinct, std::vector<float>(dim));
  for (auto& direction : directions) {
    for (float& value : direction) value = normal(random);
    const float norm =
        std::sqrt(std::inner_product(direction.begin(), direction.end(), direction.begin(), 0.0F));
    for (float& value : direction) value /= norm;
  }
  RetrievalScores scores;
  scores.num_images = images;
  scores.num_captions = captions;
  scores.itc_size = dim;
  const auto fill = [&](std::vector<float>& embeddings, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto& direction = directions[random() % distinct];
      embeddings.insert(embeddings.end(), direction.begin(), direction.end());
    }
  };
  fill(scores.image_embeddings, images);
  fill(scores.text_embeddings, captions);
  return scores;
}

/// Float by float, in the order that the similarity is defined by.
float similarity(const RetrievalScores& scores, std::uint32_t image, std::uint32_t caption) {
  double sum = 0;
  for (std::size_t d = 0; d < scores.itc_size; ++d) {
    sum += static_cast<double>(scores.image_embeddings[image * scores.itc_size + d]) *
           static_cast<double>(scores.text_embeddings[caption * scores.itc_size + d]);
  }
  return static_cast<float>(sum);
}

/// The same from the whole matrix, every line sorted.
std::vector<ScoredPair> from_dense_matrix(const RetrievalScores& scores, std::uint32_t k) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint8_t> chosen;
  const auto best = [k](std::uint32_t count, auto&& similarity_of) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return similarity_of(a) > similarity_of(b); });
    order.resize(std::min(k, count));
    return order;
  };
  for (std::uint32_t i = 0; i < scores.num_images; ++i) {
    for (const auto c : best(scores.num_captions, [&](auto j) { return similarity(scores, i, j); }))
      chosen[{i, c}] |= records::kImageToText;
  }
  for (std::uint32_t c = 0; c < scores.num_captions; ++c) {
    for (const auto i : best(scores.num_images, [&](auto j) { return similarity(scores, j, c); }))
      chosen[{i, c}] |= records::kTextToImage;
  }
  std::vector<ScoredPair> pairs;
  for (const auto& [pair, directions] : chosen) {
    pairs.push_back({pair.first, pair.second, similarity(scores, pair.first, pair.second), 0, directions});
  }
  return pairs;
}

void expect_equal(const std::vector<ScoredPair>& a, const std::vector<ScoredPair>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    ASSERT_EQ(a[p].image, b[p].image) << p;
    ASSERT_EQ(a[p].caption, b[p].caption) << p;
    ASSERT_EQ(a[p].itc, b[p].itc) << p;
    ASSERT_EQ(a[p].directions, b[p].directions) << p;
  }
}

TEST(FindCandidates, EqualsTheDenseMatrixWhateverTheBlocks) {
  struct Case {
    std::uint32_t images, captions, distinct, k;
  };
  for (const Case& c : {Case{17, 43, 1000, 5}, {17, 43, 4, 5}, {40, 9, 3, 7}, {1, 1, 1, 1}, {3, 2, 2, 100}}) {
    SCOPED_TRACE(fmt::format("{} x {}, {} directions, k = {}", c.images, c.captions, c.distinct, c.k));
    const RetrievalScores scores = random_scores(c.images, c.captions, 11, c.distinct, 5);
    const auto expected = from_dense_matrix(scores, c.k);
    expect_equal(find_candidates(scores, c.k), expected);
    expect_equal(find_candidates(scores, c.k, 1), expected);
    expect_equal(find_candidates(scores, c.k, 7), expected);
  }
}

TEST(FindCandidates, TakesTheLowerIndexAmongEqualSimilarities) {
  RetrievalScores scores;
  scores.num_images = scores.num_captions = 4;
  scores.itc_size = 1;
  scores.image_embeddings = scores.text_embeddings = {1, 1, 1, 1};
  const auto pairs = find_candidates(scores, 2);
  // Rows choose captions 0 and 1, columns images 0 and 1; both choose the four pairs of 0 and 1.
  ASSERT_EQ(pairs.size(), 12U);
  for (const ScoredPair& pair : pairs) {
    EXPECT_TRUE(pair.image < 2 || pair.caption < 2) << pair.image << ", " << pair.caption;
    EXPECT_EQ(pair.directions,
              (pair.caption < 2 ? records::kImageToText : 0) | (pair.image < 2 ? records::kTextToImage : 0));
  }
}

TEST(FindCandidates, RefusesWhatIsNoNumberAndNoCandidates) {
  RetrievalScores scores = random_scores(3, 5, 4, 9, 1);
  scores.text_embeddings[2 * 4 + 1] = std::numeric_limits<float>::quiet_NaN();
  try {
    find_candidates(scores, 2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("caption 2"));
  }
  scores.text_embeddings[2 * 4 + 1] = 0;
  EXPECT_THROW(find_candidates(scores, 0), Error);
}

}  // namespace
}  // namespace bteval::engine
