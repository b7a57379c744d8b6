#include "core/dot_product.h"

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

TEST(DotProduct, IsTheSumOfTheProducts) {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 64U, 259U}) {
    const auto a = random_vectors(size, 1), b = random_vectors(size, 2);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += static_cast<double>(a[i]) * b[i];
    EXPECT_NEAR(dot_product(a.data(), b.data(), size), expected, 1e-4) << size;
  }
}

TEST(DotProduct, HasTheSameBitsInEveryBlock) {
  constexpr std::size_t kSize = 21, kRows = 5, kColumns = 11, kStride = 13;
  const auto rows = random_vectors(kRows * kSize, 3), columns = random_vectors(kColumns * kSize, 4);
  std::vector<float> block(kRows * kStride, -7.0F);
  dot_products(rows.data(), kRows, columns.data(), kColumns, kSize, block.data(), kStride);
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      EXPECT_EQ(block[r * kStride + c],
                dot_product(rows.data() + r * kSize, columns.data() + c * kSize, kSize))
          << r << ", " << c;
    }
    EXPECT_EQ(block[r * kStride + kColumns], -7.0F) << "wrote behind the row";
  }
}

}  // namespace
}  // namespace bteval
