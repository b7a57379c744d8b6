// Retrieval on small random inputs, and ranks by sorting full lists: slow, obvious, and independent of the
// counting that is tested.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "metrics/retrieval_recall.h"
#include "metrics/retrieval_score.h"

namespace bteval::testing {

/// Images with one to three captions each, in no order; scores of few different values, so that ties abound.
struct RandomRetrieval {
  std::vector<std::uint32_t> image_of_caption;
  records::RetrievalScores scores;

  RandomRetrieval(std::uint32_t seed, std::uint32_t num_images) : random_(seed) {
    for (std::uint32_t image = 0; image < num_images; ++image) {
      image_of_caption.insert(image_of_caption.end(), 1 + below(3), image);
    }
    std::ranges::shuffle(image_of_caption, random_);
    const auto num_captions = static_cast<std::uint32_t>(image_of_caption.size());
    scores.num_images = num_images;
    scores.num_captions = num_captions;
    scores.top_k = 2;
    // -100 is what pairs that are no candidates have; -150 stands below them.
    static constexpr float kCross[] = {-150, -100, -1, 0, 0.5F, 2};
    std::vector<float> dense;
    for (std::uint32_t image = 0; image < num_images; ++image) {
      for (std::uint32_t caption = 0; caption < num_captions; ++caption) {
        dense.push_back(kCross[below(6)]);
        if (below(2) == 0) continue;
        scores.pairs.push_back({image, caption, static_cast<float>(below(3)), kCross[below(6)],
                                static_cast<std::uint8_t>(1 + below(3))});
      }
    }
    scores.dense = records::ScoreMatrix::own(num_images, num_captions, std::move(dense));
    scores.itc_size = 3;
    for (std::uint32_t i = 0; i < 3 * num_images; ++i)
      scores.image_embeddings.push_back(static_cast<float>(below(3)));
    for (std::uint32_t i = 0; i < 3 * num_captions; ++i)
      scores.text_embeddings.push_back(static_cast<float>(below(3)));
  }

  metrics::RetrievalLabels labels() const { return {scores.num_images, image_of_caption}; }

 private:
  std::uint32_t below(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random_);
  }

  std::mt19937 random_;
};

/// [num_images, num_captions]: what one direction of a protocol ranks by.
inline std::vector<std::vector<double>> full_matrix(const records::RetrievalScores& scores,
                                                    metrics::RetrievalProtocol protocol,
                                                    std::uint8_t direction) {
  using metrics::RetrievalProtocol;
  std::vector<std::vector<double>> out(scores.num_images, std::vector<double>(scores.num_captions, -100));
  if (protocol == RetrievalProtocol::kDense || protocol == RetrievalProtocol::kItc) {
    for (std::uint32_t image = 0; image < scores.num_images; ++image) {
      for (std::uint32_t caption = 0; caption < scores.num_captions; ++caption) {
        double sum = 0;
        for (std::uint32_t d = 0; d < scores.itc_size; ++d) {
          sum += scores.image_embeddings[image * scores.itc_size + d] *
                 scores.text_embeddings[caption * scores.itc_size + d];
        }
        out[image][caption] =
            protocol == RetrievalProtocol::kItc
                ? sum
                : static_cast<double>(scores.dense.f32[image * scores.num_captions + caption]);
      }
    }
    return out;
  }
  for (const records::ScoredPair& pair : scores.pairs) {
    if (protocol != RetrievalProtocol::kItm && (pair.directions & direction) == 0) continue;
    out[pair.image][pair.caption] = protocol == RetrievalProtocol::kBlip ? pair.cross + pair.itc : pair.cross;
  }
  return out;
}

/// The rank from 0 of the first right answer in the sorted list; other right answers before it would not
/// count, but there are none.
inline std::uint32_t rank_by_sorting(const std::vector<double>& scores, const std::vector<bool>& right,
                                     metrics::TieRule rule) {
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    if (rule == metrics::TieRule::kOptimistic && right[a] != right[b]) return static_cast<bool>(right[a]);
    if (rule == metrics::TieRule::kPessimistic && right[a] != right[b]) return static_cast<bool>(right[b]);
    return a < b;
  });
  std::uint32_t rank = 0;
  while (!right[order[rank]]) ++rank;
  return rank;
}

struct SortedRanks {
  std::vector<std::uint32_t> text, image;

  SortedRanks(const records::RetrievalScores& scores, const metrics::RetrievalLabels& labels,
              metrics::RetrievalProtocol protocol, metrics::TieRule rule) {
    const auto by_image = full_matrix(scores, protocol, records::kImageToText);
    const auto by_caption = full_matrix(scores, protocol, records::kTextToImage);
    for (std::uint32_t i = 0; i < labels.num_images(); ++i) {
      std::vector<bool> right(labels.num_captions());
      for (const std::uint32_t caption : labels.captions_of(i)) right[caption] = true;
      text.push_back(rank_by_sorting(by_image[i], right, rule));
    }
    for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
      std::vector<bool> right(labels.num_images());
      right[labels.image_of(caption)] = true;
      std::vector<double> column;
      for (const auto& row : by_caption) column.push_back(row[caption]);
      image.push_back(rank_by_sorting(column, right, rule));
    }
  }
};

}  // namespace bteval::testing
