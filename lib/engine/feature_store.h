// Features that are worth keeping, within limits.
#pragma once

#include <cstdint>
#include <vector>

#include "model/bridgetower.h"

namespace bteval::engine {

/// Bytes of all tensors of one batch of texts.
std::uint64_t feature_bytes(const model::TextFeatures& features);

/// Text features by bucket. What comes first stays until the end: a retrieval run goes over all buckets again
/// and again in the same order, and for such a cycle every rule that evicts keeps less (least recently used:
/// nothing at all).
class TextFeatureStore {
 public:
  TextFeatureStore(std::size_t buckets, std::uint64_t budget_bytes)
      : features_(buckets), budget_(budget_bytes) {}

  /// Null where the bucket is not kept.
  const model::TextFeatures* find(std::size_t bucket) const;
  /// Keeps them if they fit into what is left of the budget.
  void offer(std::size_t bucket, const model::TextFeatures& features);

 private:
  std::vector<model::TextFeatures> features_;  // without tensors where not kept
  std::uint64_t budget_ = 0, used_ = 0;
};

/// Fills the rows of a unit's images from batches, without a second copy of the whole.
class ImageFeatureCollector {
 public:
  explicit ImageFeatureCollector(std::int64_t num_images) : num_images_(num_images) {}
  /// The next images.
  void add(model::ImageFeatures batch);
  const model::ImageFeatures& features() const { return features_; }

 private:
  std::int64_t num_images_ = 0, added_ = 0;
  model::ImageFeatures features_;
};

}  // namespace bteval::engine
