#include "image/resize.h"

#include <gtest/gtest.h>

#include <random>

#include "core/error.h"
#include "image/resize_kernels.h"
#include "support.h"

namespace bteval::image {
namespace {

RgbImage noise(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  RgbImage image = make_image(width, height);
  // Mostly extremes, which drive the sums to where they are clipped.
  for (auto& value : image.pixels) {
    const auto drawn = random();
    value = static_cast<std::uint8_t>(drawn % 3 == 0 ? 0 : drawn % 3 == 1 ? 255 : drawn >> 8);
  }
  return image;
}

TEST(Resize, TheFastPassesEqualThePortableOnes) {
  if (avx2_kernels() == nullptr) GTEST_SKIP() << "this processor has no AVX2";
  std::mt19937 random(7);
  for (unsigned i = 0; i < 300; ++i) {
    const auto side = [&] { return static_cast<int>(random() % (i % 10 == 0 ? 400 : 40)) + 1; };
    const RgbImage image = noise(side(), side(), i);
    const int width = side(), height = side();
    for (const PassOrder order : {PassOrder::kHorizontalFirst, PassOrder::kPillow13}) {
      SCOPED_TRACE(fmt::format("{}x{} to {}x{}", image.width, image.height, width, height));
      ASSERT_EQ(resize_with(image, width, height, order, *avx2_kernels()).pixels,
                resize_with(image, width, height, order, portable_kernels()).pixels);
    }
  }
}

TEST(Resize, ManyTapsDoNotOverflow) {
  RgbImage image = make_image(5000, 3);
  for (auto& value : image.pixels) value = 255;
  for (const Kernels* kernels : {&portable_kernels(), avx2_kernels()}) {
    if (kernels == nullptr) continue;
    const RgbImage small = resize_with(image, 2, 1, PassOrder::kHorizontalFirst, *kernels);
    EXPECT_EQ(small.pixels, std::vector<std::uint8_t>(6, 255)) << kernels->name;
  }
}

TEST(Resize, AFlatImageStaysFlat) {
  RgbImage image = make_image(37, 23);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i % 3 * 100 + 20);
  const RgbImage resized = resize_bicubic(image, 91, 8);
  for (std::size_t i = 0; i < resized.pixels.size(); ++i) ASSERT_EQ(resized.pixels[i], i % 3 * 100 + 20);
}

TEST(Resize, KeepingASideLeavesItsPassOut) {
  const RgbImage image = noise(20, 30, 1);
  EXPECT_EQ(resize_bicubic(image, 20, 30).pixels, image.pixels);
  // Both passes apart equal both together: the image in between has 8 bits.
  EXPECT_EQ(resize_bicubic(image, 11, 50).pixels,
            resize_bicubic(resize_bicubic(image, 11, 30), 11, 50).pixels);
}

TEST(Resize, Pillow13TurnsTheOrderWhereTheHeightShrinksMuchMore) {
  const RgbImage tall = noise(48, 64, 2);
  // 64 - 38 = 26 rows lost, 48 - 38 = 10 columns: more than twice as many.
  EXPECT_EQ(resize_bicubic(tall, 38, 38, PassOrder::kPillow13).pixels,
            resize_bicubic(resize_bicubic(tall, 48, 38), 38, 38).pixels);
  // 64 - 32 = 32 rows and 16 columns: exactly twice as many, so the old order.
  EXPECT_EQ(resize_bicubic(tall, 32, 32, PassOrder::kPillow13).pixels, resize_bicubic(tall, 32, 32).pixels);
}

TEST(Resize, RefusesSidesThatAreNotPositive) {
  const RgbImage image = noise(4, 4, 3);
  EXPECT_THROW(resize_bicubic(image, 0, 4), Error);
  EXPECT_THROW(resize_bicubic(image, 4, -1), Error);
  EXPECT_THROW(make_image(0, 1), Error);
}

TEST(Weights, SumToOneAndStayInside) {
  for (const auto& [in, out] : {std::pair{640, 384}, {480, 576}, {1, 9}, {9, 1}, {7, 7}, {5000, 3}}) {
    const Weights weights = bicubic_weights(in, out);
    for (int i = 0; i < out; ++i) {
      const auto at = static_cast<std::size_t>(i);
      ASSERT_GE(weights.first[at], 0);
      ASSERT_GE(weights.count[at], 1);
      ASSERT_LE(weights.first[at] + weights.count[at], in);
      ASSERT_LE(weights.count[at], weights.taps);
      std::int64_t sum = 0;
      for (int k = 0; k < weights.taps; ++k) sum += weights.of(i)[k];
      // Each weight is rounded by at most half a unit.
      ASSERT_LE(std::abs(sum - (std::int64_t{1} << kWeightBits)), weights.count[at] / 2 + 1)
          << in << " to " << out;
    }
  }
}

}  // namespace
}  // namespace bteval::image
