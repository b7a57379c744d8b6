#include "engine/retrieval_plan.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/error.h"

namespace bteval::engine {

namespace {

void start_pair(PairTile& tile, std::int64_t image_row, std::int64_t text_row) {
  tile.image_rows.push_back(image_row);
  tile.text_rows.push_back(text_row);
  tile.first_slot.push_back(tile.slots.size());
}

void finish(PairTile& tile) { tile.first_slot.push_back(tile.slots.size()); }

}  // namespace

CaptionBuckets::CaptionBuckets(const CaptionTokens& captions, std::uint32_t most)
    : bucket_of(captions.size()), row_of(captions.size()) {
  const auto order = [](std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  };
  std::map<std::span<const std::int32_t>, std::uint32_t, decltype(order)> known(order);
  std::vector<std::uint32_t> text_of, caption_of_text;
  std::vector<std::size_t> lengths;
  for (std::uint32_t c = 0; c < captions.size(); ++c) {
    const auto next = static_cast<std::uint32_t>(lengths.size());
    const auto [found, is_new] = known.emplace(captions[c], next);
    text_of.push_back(found->second);
    if (!is_new) continue;
    caption_of_text.push_back(c);
    lengths.push_back(captions[c].size());
  }
  buckets = length_buckets(lengths, most);
  std::vector<std::uint32_t> bucket_of_text(lengths.size()), row_of_text(lengths.size());
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    for (std::size_t row = 0; row < buckets[b].size(); ++row) {
      const auto text = static_cast<std::size_t>(buckets[b][row]);
      bucket_of_text[text] = static_cast<std::uint32_t>(b);
      row_of_text[text] = static_cast<std::uint32_t>(row);
      buckets[b][row] = caption_of_text[text];
    }
  }
  for (std::uint32_t c = 0; c < captions.size(); ++c) {
    bucket_of[c] = bucket_of_text[text_of[c]];
    row_of[c] = row_of_text[text_of[c]];
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
  captions_of_.resize(buckets.buckets.size());
  for (std::size_t b = 0; b < captions_of_.size(); ++b) captions_of_[b].resize(buckets.buckets[b].size());
  for (std::uint32_t c = 0; c < buckets.bucket_of.size(); ++c)
    captions_of_[buckets.bucket_of[c]][buckets.row_of[c]].push_back(c);
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
  struct Entry {
    std::uint32_t bucket, image_row, text_row;
    std::uint64_t slot;
    bool operator<(const Entry& other) const {
      return std::tie(bucket, image_row, text_row, slot) <
             std::tie(other.bucket, other.image_row, other.text_row, other.slot);
    }
  };
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(last - first));
  for (auto pair = first; pair != last; ++pair) {
    entries.push_back({buckets_.bucket_of[pair->caption], pair->image - unit.first_image,
                       buckets_.row_of[pair->caption], static_cast<std::uint64_t>(pair - pairs_.begin())});
  }
  std::sort(entries.begin(), entries.end());
  PairTile tile;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const bool repeated = tile.size() > 0 && tile.image_rows.back() == entry.image_row &&
                          tile.text_rows.back() == entry.text_row;
    if (!repeated) start_pair(tile, entry.image_row, entry.text_row);
    tile.slots.push_back(entry.slot);
    if (i + 1 == entries.size() || entries[i + 1].bucket != entry.bucket) {
      tile.bucket = entry.bucket;
      finish(tile);
      visit(tile);
      tile = PairTile{};
    }
  }
}

void RetrievalPlan::visit_all(const ImageUnit& unit,
                              const std::function<void(const PairTile&)>& visit) const {
  const std::uint64_t num_captions = buckets_.bucket_of.size();
  for (std::size_t b = 0; b < captions_of_.size(); ++b) {
    PairTile tile;
    tile.bucket = static_cast<std::uint32_t>(b);
    for (std::uint32_t image = unit.first_image; image < unit.end_image; ++image) {
      for (std::size_t row = 0; row < captions_of_[b].size(); ++row) {
        start_pair(tile, image - unit.first_image, static_cast<std::int64_t>(row));
        for (const std::uint32_t caption : captions_of_[b][row])
          tile.slots.push_back(image * num_captions + caption);
      }
    }
    finish(tile);
    visit(tile);
  }
}

}  // namespace bteval::engine
