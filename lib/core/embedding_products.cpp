#include "core/embedding_products.h"

#include <algorithm>

namespace bteval {
namespace {

constexpr std::size_t kTile = 4;  // images and texts of a tile

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

/// out[i * stride + j] = sum over d of images[d][i] * texts[d][j], for the tile's first `rows` and `columns`.
void multiply_tile(const double* images, const float* texts, std::size_t size, float* out, std::size_t stride,
                   std::size_t rows, std::size_t columns) {
  using Lanes = double __attribute__((vector_size(2 * sizeof(double))));
  Lanes sums[kTile][2] = {};
  for (std::size_t d = 0; d < size; ++d, images += kTile, texts += kTile) {
    const Lanes low = {texts[0], texts[1]};
    const Lanes high = {texts[2], texts[3]};
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

}  // namespace

EmbeddingProducts::EmbeddingProducts(std::span<const float> images, std::span<const float> texts,
                                     std::size_t size)
    : images_(images),
      texts_(texts),
      size_(size),
      num_texts_(texts.size() / size),
      interleaved_texts_(interleave<float>(texts, num_texts_, size)) {}

float EmbeddingProducts::product(std::size_t image, std::size_t text) const {
  const float* a = images_.data() + image * size_;
  const float* b = texts_.data() + text * size_;
  double sum = 0;
  for (std::size_t i = 0; i < size_; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return static_cast<float>(sum);
}

void EmbeddingProducts::multiply_rows(std::size_t first_image, std::size_t rows, float* out) const {
  const std::vector<double> images =
      interleave<double>(images_.subspan(first_image * size_, rows * size_), rows, size_);
  for (std::size_t text = 0; text < num_texts_; text += kTile) {
    for (std::size_t row = 0; row < rows; row += kTile) {
      multiply_tile(images.data() + row * size_, interleaved_texts_.data() + text * size_, size_,
                    out + row * num_texts_ + text, num_texts_, std::min(kTile, rows - row),
                    std::min(kTile, num_texts_ - text));
    }
  }
}

}  // namespace bteval
