#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/embedding_products.h"
#include "core/error.h"
#include "metrics/retrieval_counting.h"

namespace bteval::metrics {

RetrievalRanks rank_embeddings(std::span<const float> images, std::span<const float> texts,
                               std::uint32_t size, const RetrievalLabels& labels, unsigned threads) {
  constexpr std::uint32_t kRowBlock = EmbeddingProducts::kRowBlock;
  const std::uint32_t num_images = labels.num_images();
  const std::size_t num_captions = labels.num_captions();
  if (size == 0 || images.size() != std::size_t{num_images} * size || texts.size() != num_captions * size) {
    throw Error(ErrorCode::kData, fmt::format("there are no embeddings of {} images and {} captions",
                                              num_images, num_captions));
  }
  const EmbeddingProducts products(images, texts, size);
  RankTargets<float> of_images(num_images);
  RankTargets<float> of_captions(num_captions);
  for (std::uint32_t caption = 0; caption < num_captions; ++caption) {
    const std::uint32_t image = labels.image_of(caption);
    const float score = products.product(image, caption);
    of_images.add(image, caption, score);
    of_captions.add(caption, image, score);
  }

  RetrievalRanks out{std::vector<RankCounts>(num_images), std::vector<RankCounts>(num_captions)};
  const std::uint32_t blocks = (num_images + kRowBlock - 1) / kRowBlock;
  std::pair<std::int64_t, std::int64_t> nan(-1, -1);
  std::mutex mutex;
  std::atomic<std::uint32_t> next{0};
  run_threads(thread_count(threads, blocks), [&](unsigned) {
    RankCounting<float> counting(of_images, of_captions);
    std::vector<float> scores(kRowBlock * num_captions);
    for (std::uint32_t block = next++; block < blocks; block = next++) {
      const std::uint32_t first = block * kRowBlock;
      const std::uint32_t rows = std::min(kRowBlock, num_images - first);
      products.multiply_rows(first, rows, scores.data());
      counting.add_rows(first, rows, scores.data(), out.text);
    }
    const std::lock_guard lock(mutex);
    if (counting.nan().first >= 0 && (nan.first < 0 || counting.nan() < nan)) nan = counting.nan();
    counting.merge_into(out.image);
  });
  if (nan.first >= 0) throw_nan(nan.first, nan.second);
  RankCounting<float>::finish_columns(of_captions, out.image);
  return out;
}

}  // namespace bteval::metrics
