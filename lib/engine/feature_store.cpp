#include "engine/feature_store.h"

#include <utility>

namespace bteval::engine {
namespace {

// One tensor at a time, so that a batch's memory goes as it is copied. A model without cross-modal layers has
// no first layer, and nothing computed for it.
void copy_rows(at::Tensor& to, at::Tensor& from, std::int64_t num_rows, std::int64_t first) {
  if (!from.defined()) return;
  if (!to.defined()) {
    std::vector<std::int64_t> shape = from.sizes().vec();
    shape[0] = num_rows;
    to = at::empty(shape, from.options());
  }
  to.narrow(0, first, from.size(0)).copy_(from);
  from.reset();
}

}  // namespace

std::uint64_t feature_bytes(const model::TextFeatures& features) {
  std::uint64_t bytes = 0;
  const auto count = [&](const at::Tensor& tensor) { bytes += tensor.defined() ? tensor.nbytes() : 0; };
  for (const at::Tensor& level : features.levels) count(level);
  count(features.first_self_attention);
  count(features.first_query);
  count(features.first_key_value);
  count(features.key_mask);
  count(features.last_row);
  return bytes;
}

const model::TextFeatures* TextFeatureStore::find(std::size_t bucket) const {
  return features_[bucket].levels.empty() ? nullptr : &features_[bucket];
}

void TextFeatureStore::offer(std::size_t bucket, const model::TextFeatures& features) {
  const std::uint64_t bytes = feature_bytes(features);
  if (bytes > budget_ - used_) return;
  features_[bucket] = features;
  used_ += bytes;
}

void ImageFeatureCollector::add(model::ImageFeatures batch) {
  const std::int64_t rows = batch.last_row.size(0);
  if (rows == num_images_) {
    features_ = std::move(batch);
  } else {
    features_.levels.resize(batch.levels.size());
    for (std::size_t i = 0; i < batch.levels.size(); ++i)
      copy_rows(features_.levels[i], batch.levels[i], num_images_, added_);
    copy_rows(features_.first_self_attention, batch.first_self_attention, num_images_, added_);
    copy_rows(features_.first_query, batch.first_query, num_images_, added_);
    copy_rows(features_.first_key_value, batch.first_key_value, num_images_, added_);
    copy_rows(features_.last_row, batch.last_row, num_images_, added_);
  }
  added_ += rows;
}

}  // namespace bteval::engine
