// Scores of (image, caption) pairs: what retrieval evaluations compute, save and rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bteval::records {

/// Why a pair is a candidate: bits of ScoredPair::directions.
inline constexpr std::uint8_t kImageToText = 1;  ///< among the k best captions of its image
inline constexpr std::uint8_t kTextToImage = 2;  ///< among the k best images of its caption

/// A pair whose cross-modal score was computed.
struct ScoredPair {
  std::uint32_t image = 0;      ///< index into SampleSet::images
  std::uint32_t caption = 0;    ///< index into SampleSet::samples
  float itc = 0;                ///< cosine of the two ITC embeddings
  float cross = 0;              ///< the cross-modal head's score: ITM logit of "matched", or rank_output
  std::uint8_t directions = 0;  ///< kImageToText, kTextToImage or both
};

/// A score of every pair: a view of memory that `owner` keeps alive (a vector, a mapped file). Copies share
/// it.
struct ScoreMatrix {
  std::uint32_t num_images = 0, num_captions = 0;
  bool caption_major = false;   ///< rows are captions: [num_captions, num_images]; else the other way round
  std::span<const float> f32;   ///< row-major; empty where the scores are f64
  std::span<const double> f64;  ///< row-major; empty where the scores are f32
  std::shared_ptr<const void> owner;

  bool empty() const { return f32.empty() && f64.empty(); }

  /// A matrix [num_images, num_captions] that owns its scores.
  static ScoreMatrix own(std::uint32_t num_images, std::uint32_t num_captions, std::vector<float> scores) {
    const auto held = std::make_shared<const std::vector<float>>(std::move(scores));
    return {num_images, num_captions, false, *held, {}, held};
  }
};

/// Everything that a retrieval evaluation computed on one split. A split is a SampleSet with one sample a
/// caption, each with one image. What was not computed is empty.
struct RetrievalScores {
  std::uint32_t num_images = 0, num_captions = 0;
  std::uint32_t itc_size = 0;           ///< D, columns of the embeddings
  std::vector<float> image_embeddings;  ///< [num_images, D] row-major, L2-normalised
  std::vector<float> text_embeddings;   ///< [num_captions, D] row-major, L2-normalised
  std::uint32_t top_k = 0;        ///< candidates a row and a column that `pairs` is the union of; 0: none
  std::vector<ScoredPair> pairs;  ///< sorted by image, then caption; each pair once
  ScoreMatrix dense;              ///< a score of every pair
};

}  // namespace bteval::records
