#include "image/thumbnail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "image/decoders.h"
#include "image/resize.h"
#include "support.h"
#include "support/bmp_image.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::image {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> bytes_of(const Thumbnail& thumbnail) {
  return std::as_bytes(std::span(thumbnail.jpeg));
}

/// Mean distance of two images' levels, 0 to 255.
double distance(const RgbImage& a, const RgbImage& b) {
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
  if (a.pixels.size() != b.pixels.size()) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

/// An uncompressed BMP of smooth colours that differ in every corner.
std::vector<std::byte> smooth_bmp(int width, int height) {
  const std::size_t row = (static_cast<std::size_t>(width) * 3 + 3) / 4 * 4;
  std::vector<std::byte> file(54 + row * static_cast<std::size_t>(height));
  const auto put = [&](std::size_t at, std::uint32_t value, int bytes = 4) {
    for (int i = 0; i < bytes; ++i)
      file[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * i));
  };
  put(0, 0x4d42, 2);
  put(10, 54);
  put(14, 40);
  put(18, static_cast<std::uint32_t>(width));
  put(22, static_cast<std::uint32_t>(height));
  put(26, 1, 2);
  put(28, 24, 2);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::size_t at = 54 + static_cast<std::size_t>(y) * row + static_cast<std::size_t>(x) * 3;
      put(at, static_cast<std::uint32_t>(255 * x / width), 1);
      put(at + 1, static_cast<std::uint32_t>(255 * y / height), 1);
      put(at + 2, static_cast<std::uint32_t>(255 - 255 * x / width), 1);
    }
  }
  return file;
}

TEST(Thumbnail, ShowsTheImageInTheSizeWanted) {
  const auto file = smooth_bmp(640, 480);
  for (const int side : {1, 64, 128, 639}) {
    const Thumbnail thumbnail = make_thumbnail(file, side);
    EXPECT_EQ(thumbnail.width, side);
    EXPECT_EQ(thumbnail.height, std::max(1, static_cast<int>(std::lround(side * 0.75))));
    const RgbImage shown = decode_rgb(bytes_of(thumbnail));
    EXPECT_LT(distance(shown, resize_bicubic(decode_rgb(file), thumbnail.width, thumbnail.height)), 3)
        << side;
  }
}

TEST(Thumbnail, PortraitsAndSliversKeepASide) {
  EXPECT_EQ(make_thumbnail(smooth_bmp(30, 60), 20).width, 10);
  const Thumbnail sliver = make_thumbnail(smooth_bmp(3000, 2), 100);
  EXPECT_EQ(sliver.width, 100);
  EXPECT_EQ(sliver.height, 1);
}

TEST(Thumbnail, SmallImagesAreNotEnlarged) {
  const Thumbnail thumbnail = make_thumbnail(smooth_bmp(20, 10), 128);
  EXPECT_EQ(thumbnail.width, 20);
  EXPECT_EQ(thumbnail.height, 10);
}

TEST(Thumbnail, AJpegDecodedAtAFractionLooksLikeTheWhole) {
  // Odd sides, so that no fraction divides them.
  for (const auto& [width, height] : {std::pair(1021, 771), {333, 777}, {129, 128}, {257, 255}}) {
    const Thumbnail whole = make_thumbnail(smooth_bmp(width, height), 2000);
    ASSERT_EQ(whole.width, width);
    const Thumbnail small = make_thumbnail(bytes_of(whole), 128);
    EXPECT_EQ(std::max(small.width, small.height), 128);
    const RgbImage expected = resize_bicubic(decode_rgb(bytes_of(whole)), small.width, small.height);
    EXPECT_LT(distance(decode_rgb(bytes_of(small)), expected), 3) << width;
  }
}

/// Mean of squares of 2 x 2 pixels; those behind the edge are left out.
RgbImage halved(const RgbImage& image) {
  RgbImage out = make_image((image.width + 1) / 2, (image.height + 1) / 2);
  for (int y = 0; y < out.height; ++y) {
    for (int i = 0; i < out.width * 3; ++i) {
      int sum = 0, count = 0;
      for (int dy = 0; dy < 2; ++dy) {
        for (int dx = 0; dx < 2; ++dx) {
          const int from_x = i / 3 * 2 + dx, from_y = 2 * y + dy;
          if (from_x >= image.width || from_y >= image.height) continue;
          sum += image.row(from_y)[from_x * 3 + i % 3];
          ++count;
        }
      }
      out.row(y)[i] = static_cast<std::uint8_t>(sum / count);
    }
  }
  return out;
}

TEST(ReducedJpeg, IsTheWholeImageWithoutDetailsInEveryColourMode) {
  for (const char* name : {"jpeg_cmyk.jpg", "jpeg_gray.jpg", "jpeg_rgb.jpg", "jpeg_progressive.jpg",
                           "jpeg_restarts.jpg", "jpeg_exif6.jpg"}) {
    const auto file = read_bytes(testing::golden_data(std::string("image/") + name));
    const RgbImage expected = halved(decode_rgb(file)), reduced = decode_jpeg(file, {}, 2);
    EXPECT_LT(distance(reduced, expected), 12) << name;
    EXPECT_EQ(digest(decode_jpeg(file, {}, 1)), digest(decode_rgb(file))) << name;
    const RgbImage eighth = decode_jpeg(file, {}, 8);
    EXPECT_EQ(eighth.width, (decode_rgb(file).width + 7) / 8) << name;
  }
}

TEST(Thumbnail, PhotographsLookLikeThemselves) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data / "images/coco_cc")) {
    if (entry.path().extension() != ".jpg" || seen == 20) continue;
    const auto file = Bytes::map_file(entry.path());
    const Thumbnail thumbnail = make_thumbnail(file->span(), 128);
    const RgbImage expected = resize_bicubic(decode_rgb(file->span()), thumbnail.width, thumbnail.height);
    EXPECT_LT(distance(decode_rgb(bytes_of(thumbnail)), expected), 12) << entry.path();
    EXPECT_LT(thumbnail.jpeg.size(), 16'000U) << entry.path();
    ++seen;
  }
  EXPECT_GT(seen, 0U);
}

TEST(Thumbnail, SameFileSameBytes) {
  const auto file = smooth_bmp(200, 100);
  EXPECT_EQ(make_thumbnail(file, 64).jpeg, make_thumbnail(file, 64).jpeg);
}

TEST(Thumbnail, WhatAModelIsNotGivenHasNone) {
  const auto error_of = [](const char* name) {
    const auto file = read_bytes(testing::golden_data(std::string("image/") + name));
    return testing::error_text([&] { make_thumbnail(file, 8); });
  };
  EXPECT_THAT(error_of("jpeg_truncated.jpg"), HasSubstr("truncated"));
  EXPECT_THAT(error_of("gif.gif"), HasSubstr("a GIF image"));
  EXPECT_THAT(error_of("png_bad_header_crc.png"), HasSubstr("PNG"));
  DecodeLimits limits;
  limits.max_pixels = 99;
  EXPECT_THAT(testing::error_text([&] { make_thumbnail(smooth_bmp(10, 10), 8, limits); }),
              HasSubstr("more than the limit of 99"));
  const Thumbnail jpeg = make_thumbnail(smooth_bmp(100, 100), 100);
  EXPECT_THAT(testing::error_text([&] { make_thumbnail(bytes_of(jpeg), 8, limits); }),
              HasSubstr("more than the limit of 99"));
}

}  // namespace
}  // namespace bteval::image
