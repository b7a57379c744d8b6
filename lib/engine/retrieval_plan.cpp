#include "engine/retrieval_plan.h"

#include <algorithm>

#include "core/error.h"

namespace bteval::engine {

CaptionBuckets::CaptionBuckets(const CaptionTokens& captions, std::uint32_t most)
    : bucket_of(captions.size()), row_of(captions.size()) {
  std::vector<std::size_t> lengths;
  for (std::uint32_t c = 0; c < captions.size(); ++c) lengths.push_back(captions[c].size());
  buckets = length_buckets(lengths, most);
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    for (std::size_t row = 0; row < buckets[b].size(); ++row) {
      const auto caption = static_cast<std::size_t>(buckets[b][row]);
      bucket_of[caption] = static_cast<std::uint32_t>(b);
      row_of[caption] = static_cast<std::uint32_t>(row);
    }
  }
}

RetrievalPlan::RetrievalPlan(const CaptionBuckets& buckets, std::uint32_t num_images,
                             std::uint32_t images_per_unit, std::span<const records::ScoredPair> pairs)
    : buckets_(buckets), pairs_(pairs), num_pairs_(pairs.size()) {
  const auto by_image = [](const auto& a, const auto& b) { return a.image < b.image; };
  if (!std::is_sorted(pairs.begin(), pairs.end(), by_image))
    throw Error(ErrorCode::kInternal, "the pairs are not sorted by image");
  make_units(num_images, images_per_unit);
}

RetrievalPlan::RetrievalPlan(const CaptionBuckets& buckets, std::uint32_t num_images,
                             std::uint32_t images_per_unit)
    : buckets_(buckets),
      all_pairs_(true),
      num_pairs_(static_cast<std::uint64_t>(num_images) * buckets.bucket_of.size()) {
  make_units(num_images, images_per_unit);
}

void RetrievalPlan::make_units(std::uint32_t num_images, std::uint32_t images_per_unit) {
  if (images_per_unit == 0)
    throw Error(ErrorCode::kUsage, "the number of images in a unit must be at least 1");
  for (std::uint32_t first = 0; first < num_images; first += std::min(images_per_unit, num_images - first))
    units_.push_back({first, first + std::min(images_per_unit, num_images - first)});
}

void RetrievalPlan::for_each_tile(const ImageUnit& unit,
                                  const std::function<void(const PairTile&)>& visit) const {
  if (all_pairs_) {
    visit_all(unit, visit);
  } else {
    visit_given(unit, visit);
  }
}

void RetrievalPlan::visit_given(const ImageUnit& unit,
                                const std::function<void(const PairTile&)>& visit) const {
  const auto before = [](const records::ScoredPair& pair, std::uint32_t image) { return pair.image < image; };
  const auto first = std::lower_bound(pairs_.begin(), pairs_.end(), unit.first_image, before);
  const auto last = std::lower_bound(first, pairs_.end(), unit.end_image, before);
  const auto bucket_of = [&](std::size_t slot) { return buckets_.bucket_of[pairs_[slot].caption]; };
  std::vector<std::size_t> order;
  order.reserve(static_cast<std::size_t>(last - first));
  for (auto pair = first; pair != last; ++pair)
    order.push_back(static_cast<std::size_t>(pair - pairs_.begin()));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bucket_of(a) < bucket_of(b); });
  PairTile tile;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const records::ScoredPair& pair = pairs_[order[i]];
    tile.image_rows.push_back(pair.image - unit.first_image);
    tile.text_rows.push_back(buckets_.row_of[pair.caption]);
    tile.slots.push_back(order[i]);
    if (i + 1 == order.size() || bucket_of(order[i + 1]) != bucket_of(order[i])) {
      tile.bucket = bucket_of(order[i]);
      visit(tile);
      tile = PairTile{};
    }
  }
}

void RetrievalPlan::visit_all(const ImageUnit& unit,
                              const std::function<void(const PairTile&)>& visit) const {
  const std::uint64_t num_captions = buckets_.bucket_of.size();
  for (std::size_t b = 0; b < buckets_.buckets.size(); ++b) {
    PairTile tile;
    tile.bucket = static_cast<std::uint32_t>(b);
    for (std::uint32_t image = unit.first_image; image < unit.end_image; ++image) {
      for (std::size_t row = 0; row < buckets_.buckets[b].size(); ++row) {
        tile.image_rows.push_back(image - unit.first_image);
        tile.text_rows.push_back(static_cast<std::int64_t>(row));
        tile.slots.push_back(image * num_captions + static_cast<std::uint64_t>(buckets_.buckets[b][row]));
      }
    }
    visit(tile);
  }
}

}  // namespace bteval::engine
