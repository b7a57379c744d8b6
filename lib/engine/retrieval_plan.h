// The order in which a retrieval run computes its pairs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/pair_batches.h"
#include "engine/retrieval_inputs.h"
#include "records/retrieval.h"

namespace bteval::engine {

/// The distinct texts of a split in batches of similar length. The text tower always sees a whole bucket, so
/// a caption's features have the same bits whichever pairs ask for them and whether or not they were kept;
/// and captions of equal text (MSCOCO has them under several images) are computed once and score the same.
struct CaptionBuckets {
  /// At most `most` texts a bucket.
  CaptionBuckets(const CaptionTokens& captions, std::uint32_t most);

  std::vector<Rows> buckets;             ///< by bucket and row: a caption with that text; shortest first
  std::vector<std::uint32_t> bucket_of;  ///< by caption
  std::vector<std::uint32_t> row_of;     ///< by caption: the row of its text in the bucket
};

/// Consecutive images, whose features are held while their pairs are computed.
struct ImageUnit {
  std::uint32_t first_image = 0, end_image = 0;
};

/// Pairs of one unit's images and one bucket's texts, image-major, each once.
struct PairTile {
  std::uint32_t bucket = 0;
  Rows image_rows;                      ///< image - first_image
  Rows text_rows;                       ///< rows in the bucket
  std::vector<std::size_t> first_slot;  ///< by pair: its part of `slots`; one more at the end
  std::vector<std::uint64_t> slots;     ///< where each pair's score goes: one slot a caption with that text

  std::size_t size() const { return image_rows.size(); }
};

/// A pure function of the pairs, the buckets and the number of images in a unit. Keeps references to its
/// arguments.
class RetrievalPlan {
 public:
  /// The given pairs, sorted by image; a pair's slot is its index.
  RetrievalPlan(const CaptionBuckets& buckets, std::uint32_t num_images, std::uint32_t images_per_unit,
                std::span<const records::ScoredPair> pairs);
  /// Every pair; a pair's slot is image * number of captions + caption.
  RetrievalPlan(const CaptionBuckets& buckets, std::uint32_t num_images, std::uint32_t images_per_unit);

  std::span<const ImageUnit> units() const { return units_; }
  /// Slots: pairs of images and captions.
  std::uint64_t num_pairs() const { return num_pairs_; }

  /// Hands the unit's tiles that hold a pair to `visit`, in the order of the buckets. Needs memory for the
  /// indices of the unit's given pairs, or of one tile.
  void for_each_tile(const ImageUnit& unit, const std::function<void(const PairTile&)>& visit) const;

 private:
  void make_units(std::uint32_t num_images, std::uint32_t images_per_unit);
  void visit_given(const ImageUnit& unit, const std::function<void(const PairTile&)>& visit) const;
  void visit_all(const ImageUnit& unit, const std::function<void(const PairTile&)>& visit) const;

  const CaptionBuckets& buckets_;
  bool all_pairs_ = false;
  std::span<const records::ScoredPair> pairs_;
  std::vector<std::vector<std::vector<std::uint32_t>>> captions_of_;  // by bucket and row, for all pairs
  std::vector<ImageUnit> units_;
  std::uint64_t num_pairs_ = 0;
};

}  // namespace bteval::engine
