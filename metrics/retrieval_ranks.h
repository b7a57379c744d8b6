// Ranks of the right answers among all candidates, for both directions of image-caption retrieval.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "records/retrieval.h"

namespace bteval::metrics {

/// Which captions belong to which image.
class RetrievalLabels {
 public:
  /// `image_of_caption` has an image's index for each caption. Error(kData) for an index that is too large,
  /// and for an image without captions.
  RetrievalLabels(std::uint32_t num_images, std::vector<std::uint32_t> image_of_caption);

  std::uint32_t num_images() const { return static_cast<std::uint32_t>(first_.size() - 1); }
  std::uint32_t num_captions() const { return static_cast<std::uint32_t>(image_of_.size()); }
  std::uint32_t image_of(std::uint32_t caption) const { return image_of_[caption]; }
  /// Ascending.
  std::span<const std::uint32_t> captions_of(std::uint32_t image) const {
    return std::span(captions_).subspan(first_[image], first_[image + 1] - first_[image]);
  }

 private:
  std::vector<std::uint32_t> image_of_;
  std::vector<std::uint32_t> first_;     // by image: start in captions_; one more at the end
  std::vector<std::uint32_t> captions_;  // by image
};

/// Where the best right answer of one query stands among the wrong ones. Other right answers never count.
struct RankCounts {
  std::uint32_t above = 0;  ///< wrong answers with a higher score
  std::uint32_t tied_before =
      0;                   ///< wrong answers with the same score and a lower index than the first best one
  std::uint32_t tied = 0;  ///< all wrong answers with the same score

  friend bool operator==(const RankCounts&, const RankCounts&) = default;
};

struct RetrievalRanks {
  std::vector<RankCounts> text;   ///< text retrieval: by image, its best caption among all captions
  std::vector<RankCounts> image;  ///< image retrieval: by caption, its image among all images
};

/// Ranks over a matrix with a score for every pair, in one pass over it, by comparing and not by sorting.
/// `threads` 0 takes all cores; the result is the same for any number.
///
/// Error(kData) naming the pair where a score is NaN (infinities are ranked), and where the sizes of matrix
/// and labels differ.
RetrievalRanks rank_matrix(const records::ScoreMatrix& scores, const RetrievalLabels& labels,
                           unsigned threads = 0);

/// What a pair of the two-stage protocols is ranked by.
struct PairRule {
  bool both_directions = true;  ///< a candidate of either direction counts in both; else only in its own
  bool add_itc = false;         ///< cross + itc instead of cross, added as float32
};

/// The score that pairs have which are no candidates, as the published evaluations fill their matrices. A
/// candidate may stand below it.
inline constexpr float kNoCandidate = -100.0F;

/// Ranks where only the candidates in `pairs` have scores, and all other pairs kNoCandidate: exactly those of
/// the full matrix, without building it. `pairs` is sorted by image, then caption. Error(kData) naming the
/// pair where a score is NaN.
RetrievalRanks rank_pairs(std::span<const records::ScoredPair> pairs, const RetrievalLabels& labels,
                          const PairRule& rule);

/// Ranks by the inner products of two sets of embeddings, [num_images, size] and [num_captions, size]
/// row-major: each is added up in float64 in the order of the columns and rounded to float32, so that equal
/// embeddings tie exactly and the result depends on neither machine nor number of threads. Memory does not
/// grow with the product of the numbers. Error(kData) naming the pair where one is NaN.
RetrievalRanks rank_embeddings(std::span<const float> images, std::span<const float> texts,
                               std::uint32_t size, const RetrievalLabels& labels, unsigned threads = 0);

}  // namespace bteval::metrics
