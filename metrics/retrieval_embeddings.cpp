#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "core/error.h"
#include "metrics/retrieval_counting.h"

namespace bteval::metrics {
namespace {

// A product of two float32 is exact in float64, so that fused and separate multiplication and addition give
// the same sum: the tiles below and inner_product() agree bit by bit, on every machine.
constexpr std::size_t kTile = 4;         // images and captions of a tile
constexpr std::uint32_t kRowBlock = 32;  // images that one thread multiplies at a time

float inner_product(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return static_cast<float>(sum);
}

/// Rows of `in` in groups of kTile, element by element: [groups][size][kTile], filled up with zeros.
template <typename T>
std::vector<T> interleave(std::span<const float> in, std::size_t rows, std::size_t size) {
  const std::size_t groups = (rows + kTile - 1) / kTile;
  std::vector<T> out(groups * size * kTile);
  for (std::size_t row = 0; row < rows; ++row) {
    T* to = out.data() + row / kTile * size * kTile + row % kTile;
    for (std::size_t i = 0; i < size; ++i) to[i * kTile] = in[row * size + i];
  }
  return out;
}

/// out[i * stride + j] = sum over d of images[d][i] * captions[d][j], for the tile's `rows` and `columns`.
void multiply_tile(const double* images, const float* captions, std::size_t size, float* out,
                   std::size_t stride, std::size_t rows, std::size_t columns) {
  using Lanes = double __attribute__((vector_size(2 * sizeof(double))));
  Lanes sums[kTile][2] = {};
  for (std::size_t d = 0; d < size; ++d, images += kTile, captions += kTile) {
    const Lanes low = {captions[0], captions[1]};
    const Lanes high = {captions[2], captions[3]};
    for (std::size_t i = 0; i < kTile; ++i) {
      const Lanes image = {images[i], images[i]};
      sums[i][0] += image * low;
      sums[i][1] += image * high;
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) out[i * stride + j] = static_cast<float>(sums[i][j / 2][j % 2]);
  }
}

/// [rows, num_captions] inner products of some images with all captions.
void multiply_rows(std::span<const float> images, std::size_t rows, std::span<const float> captions,
                   std::size_t num_captions, std::size_t size, float* out) {
  const std::vector<double> tiles = interleave<double>(images, rows, size);
  for (std::size_t column = 0; column < num_captions; column += kTile) {
    for (std::size_t row = 0; row < rows; row += kTile) {
      multiply_tile(tiles.data() + row * size, captions.data() + column * size, size,
                    out + row * num_captions + column, num_captions, std::min(kTile, rows - row),
                    std::min(kTile, num_captions - column));
    }
  }
}

}  // namespace

RetrievalRanks rank_embeddings(std::span<const float> images, std::span<const float> texts,
                               std::uint32_t size, const RetrievalLabels& labels, unsigned threads) {
  const std::uint32_t num_images = labels.num_images();
  const std::size_t num_captions = labels.num_captions();
  if (size == 0 || images.size() != std::size_t{num_images} * size || texts.size() != num_captions * size) {
    throw Error(ErrorCode::kData, fmt::format("there are no embeddings of {} images and {} captions",
                                              num_images, num_captions));
  }
  RankTargets<float> of_images(num_images);
  RankTargets<float> of_captions(num_captions);
  for (std::uint32_t caption = 0; caption < num_captions; ++caption) {
    const std::uint32_t image = labels.image_of(caption);
    const float score = inner_product(images.data() + std::size_t{image} * size,
                                      texts.data() + std::size_t{caption} * size, size);
    of_images.add(image, caption, score);
    of_captions.add(caption, image, score);
  }

  RetrievalRanks out{std::vector<RankCounts>(num_images), std::vector<RankCounts>(num_captions)};
  const std::vector<float> interleaved = interleave<float>(texts, num_captions, size);
  const std::uint32_t blocks = (num_images + kRowBlock - 1) / kRowBlock;
  const unsigned count = thread_count(threads, blocks);
  std::pair<std::int64_t, std::int64_t> nan(-1, -1);
  std::mutex mutex;
  std::atomic<std::uint32_t> next{0};
  run_threads(count, [&](unsigned) {
    RankCounting<float> counting(of_images, of_captions);
    std::vector<float> scores(kRowBlock * num_captions);
    for (std::uint32_t block = next++; block < blocks; block = next++) {
      const std::uint32_t first = block * kRowBlock;
      const std::uint32_t rows = std::min(kRowBlock, num_images - first);
      multiply_rows(images.subspan(std::size_t{first} * size, std::size_t{rows} * size), rows, interleaved,
                    num_captions, size, scores.data());
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
