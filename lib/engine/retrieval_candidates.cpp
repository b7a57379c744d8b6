#include "engine/retrieval_candidates.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/embedding_products.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

struct Entry {
  float similarity;
  std::uint32_t index;
};

// A total order, so that what is kept does not depend on the order of arrival.
bool is_better(const Entry& a, const Entry& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
}

/// The k best entries of each of n lines, each line a heap with its worst entry at the front.
class BestOfLines {
 public:
  BestOfLines(std::size_t lines, std::uint32_t k) : k_(k), entries_(lines * k), sizes_(lines, 0) {}

  void offer(std::size_t line, Entry entry) {
    Entry* const first = entries_.data() + line * k_;
    std::uint32_t& size = sizes_[line];
    if (size == k_) {
      if (!is_better(entry, *first)) return;
      std::pop_heap(first, first + size, is_better);
      first[size - 1] = entry;
    } else {
      first[size++] = entry;
    }
    std::push_heap(first, first + size, is_better);
  }
  std::span<const Entry> line(std::size_t line) const { return {entries_.data() + line * k_, sizes_[line]}; }

 private:
  std::uint32_t k_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> sizes_;
};

void check_finite(std::span<const float> embeddings, std::uint32_t size, const char* what) {
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    if (!std::isfinite(embeddings[i])) {
      throw Error(ErrorCode::kCheckpoint,
                  fmt::format("the ITC embedding is not a number: weights or number type are unfit"),
                  {"", fmt::format("{} {}", what, i / size), std::nullopt});
    }
  }
}

/// Ranges of 0..count-1 of at least `grain` on all compute threads.
void parallel(std::size_t count, std::size_t grain,
              const std::function<void(std::size_t begin, std::size_t end)>& body) {
  model::parallel_ranges(static_cast<std::int64_t>(count), static_cast<std::int64_t>(grain),
                         [&](std::int64_t begin, std::int64_t end) {
                           body(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
                         });
}

void offer_all(const records::RetrievalScores& scores, std::size_t images_per_block, BestOfLines& images,
               BestOfLines& captions) {
  const EmbeddingProducts products(scores.image_embeddings, scores.text_embeddings, scores.itc_size);
  const std::size_t columns = scores.num_captions;
  std::vector<float> block(std::min<std::size_t>(images_per_block, scores.num_images) * columns);
  for (std::size_t first = 0; first < scores.num_images; first += images_per_block) {
    throw_if_interrupted();
    const std::size_t rows = std::min<std::size_t>(images_per_block, scores.num_images - first);
    parallel(rows, EmbeddingProducts::kRowBlock, [&](std::size_t begin, std::size_t end) {
      products.multiply_rows(first + begin, end - begin, block.data() + begin * columns);
      for (std::size_t r = begin; r < end; ++r) {
        for (std::size_t c = 0; c < columns; ++c)
          images.offer(first + r, {block[r * columns + c], static_cast<std::uint32_t>(c)});
      }
    });
    parallel(columns, 1024, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = begin; c < end; ++c)
          captions.offer(c, {block[r * columns + c], static_cast<std::uint32_t>(first + r)});
      }
    });
  }
}

/// Sorted by image, then caption; a pair that both directions chose stands once.
std::vector<records::ScoredPair> merge(const BestOfLines& images, const BestOfLines& captions,
                                       std::uint32_t num_images, std::uint32_t num_captions) {
  std::vector<std::size_t> begin(num_images + 1, 0);
  for (std::uint32_t c = 0; c < num_captions; ++c) {
    for (const Entry& entry : captions.line(c)) ++begin[entry.index + 1];
  }
  for (std::uint32_t i = 0; i < num_images; ++i) begin[i + 1] += begin[i] + images.line(i).size();
  std::vector<records::ScoredPair> pairs(begin[num_images]);
  std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
  for (std::uint32_t c = 0; c < num_captions; ++c) {
    for (const Entry& entry : captions.line(c))
      pairs[next[entry.index]++] = {entry.index, c, entry.similarity, 0, records::kTextToImage};
  }
  for (std::uint32_t i = 0; i < num_images; ++i) {
    for (const Entry& entry : images.line(i))
      pairs[next[i]++] = {i, entry.index, entry.similarity, 0, records::kImageToText};
  }
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < num_images; ++i) {
    const auto first = pairs.begin() + static_cast<std::ptrdiff_t>(begin[i]);
    const auto last = pairs.begin() + static_cast<std::ptrdiff_t>(begin[i + 1]);
    std::sort(first, last, [](const auto& a, const auto& b) { return a.caption < b.caption; });
    for (auto pair = first; pair != last; ++pair) {
      if (pair != first && pairs[kept - 1].caption == pair->caption) {
        pairs[kept - 1].directions |= pair->directions;
      } else {
        pairs[kept++] = *pair;
      }
    }
  }
  pairs.resize(kept);
  return pairs;
}

}  // namespace

std::vector<records::ScoredPair> find_candidates(const records::RetrievalScores& scores, std::uint32_t k,
                                                 std::uint32_t images_per_block) {
  if (k == 0) throw Error(ErrorCode::kUsage, "the number of candidates must be at least 1");
  if (scores.itc_size == 0) throw Error(ErrorCode::kInternal, "candidates without embeddings");
  check_finite(scores.image_embeddings, scores.itc_size, "image");
  check_finite(scores.text_embeddings, scores.itc_size, "caption");
  BestOfLines images(scores.num_images, std::min(k, scores.num_captions));
  BestOfLines captions(scores.num_captions, std::min(k, scores.num_images));
  if (images_per_block == 0)
    images_per_block = EmbeddingProducts::kRowBlock * static_cast<std::uint32_t>(at::get_num_threads());
  offer_all(scores, images_per_block, images, captions);
  return merge(images, captions, scores.num_images, scores.num_captions);
}

}  // namespace bteval::engine
