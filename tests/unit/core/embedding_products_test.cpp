#include "core/embedding_products.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bteval {
namespace {

std::vector<float> random_vectors(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

TEST(EmbeddingProducts, AddUpInFloat64FromTheFirstColumnToTheLast) {
  for (const std::size_t size : {1U, 3U, 64U, 257U}) {
    const auto image = random_vectors(size, 1), text = random_vectors(size, 2);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += static_cast<double>(image[i]) * text[i];
    EXPECT_EQ(EmbeddingProducts(image, text, size).product(0, 0), static_cast<float>(expected)) << size;
  }
}

TEST(EmbeddingProducts, HaveTheSameBitsInEveryBlock) {
  constexpr std::size_t kSize = 21, kRows = 7, kColumns = 11;
  const auto images = random_vectors(kRows * kSize, 3), texts = random_vectors(kColumns * kSize, 4);
  const EmbeddingProducts products(images, texts, kSize);
  for (const std::size_t first : {0U, 2U}) {
    for (const std::size_t count : {1U, 4U, 5U}) {
      std::vector<float> block(count * kColumns);
      products.multiply_rows(first, count, block.data());
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t c = 0; c < kColumns; ++c)
          EXPECT_EQ(block[r * kColumns + c], products.product(first + r, c)) << first + r << ", " << c;
      }
    }
  }
}

}  // namespace
}  // namespace bteval
