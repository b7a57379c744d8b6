// The committed image files against what Pillow made of them (tools/golden/make_image_fixtures.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/json.h"
#include "image/decode.h"
#include "image/resize.h"
#include "support.h"
#include "support/test_paths.h"

namespace bteval::image {
namespace {

const Json& expected() {
  static const Json json = read_json(testing::golden_data("image/expected.json"));
  return json;
}

std::filesystem::path fixture(const std::string& name) { return testing::golden_data("image") / name; }

TEST(DecodeGolden, EveryFileIsReadOrRefusedAsByPillow) {
  int equal = 0;
  int refused = 0;
  for (const auto& [name, row] : expected().at("files").items()) {
    SCOPED_TRACE(name);
    if (row.contains("refused")) {
      EXPECT_THROW(read_rgb(fixture(name)), Error);
      ++refused;
      continue;
    }
    RgbImage image;
    ASSERT_NO_THROW(image = read_rgb(fixture(name)));
    EXPECT_EQ(image.width, row.at("size").at(0).get<int>());
    EXPECT_EQ(image.height, row.at("size").at(1).get<int>());
    EXPECT_EQ(digest(image), row.at("rgb").get<std::string>());
    ++equal;
  }
  EXPECT_GE(equal, 60);
  EXPECT_GE(refused, 19);
}

TEST(DecodeGolden, ResizedToEverySizeInBothOrders) {
  const auto& sizes = expected().at("sizes");
  for (const auto& [name, row] : expected().at("files").items()) {
    if (row.contains("refused")) continue;
    const RgbImage image = read_rgb(fixture(name));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const int width = sizes[i][0].get<int>(), height = sizes[i][1].get<int>();
      SCOPED_TRACE(fmt::format("{} to {}x{}", name, width, height));
      EXPECT_EQ(digest(resize_bicubic(image, width, height)), row.at("resized").at(i).get<std::string>());
      EXPECT_EQ(digest(resize_bicubic(image, width, height, PassOrder::kPillow13)),
                row.at("resized_pillow_13").at(i).get<std::string>());
    }
  }
}

TEST(DecodeGolden, KindsThatAreNotProvedEqualAreRefusedWithTheirReason) {
  const std::map<std::string, std::string> reasons = {
      {"webp_alpha.webp", "transparency is not supported"},
      {"webp_animated.webp", "animated WebP"},
      {"bmp_palette.bmp", "only plain 24 bits"},
      {"gif.gif", "a GIF image"},
      {"tiff.tiff", "a TIFF image"},
      {"png_no_palette.png", "the palette is missing"},
  };
  EXPECT_EQ(expected().at("unsupported").size(), reasons.size());
  for (const auto& name : expected().at("unsupported")) {
    const auto bytes = read_bytes(fixture(name));
    EXPECT_THAT(decode_error(bytes), ::testing::HasSubstr(reasons.at(name.get<std::string>())));
  }
}

// A file cut at any byte is read exactly where Pillow reads it, and then as Pillow does.
TEST(DecodeGolden, EveryPrefixOfAFileIsReadOrRefusedAsByPillow) {
  for (const auto& [name, accepted] : expected().at("prefixes").items()) {
    const auto bytes = read_bytes(fixture(name));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      SCOPED_TRACE(fmt::format("{} cut at byte {}", name, length));
      // A buffer of its own, so that a sanitizer sees every read behind the cut.
      const std::vector<std::byte> prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
      std::string read;
      try {
        read = digest(decode_rgb(prefix));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kData);
      }
      const auto found = accepted.find(std::to_string(length));
      EXPECT_EQ(read, found == accepted.end() ? "" : found->get<std::string>());
    }
  }
}

// Whatever happens to a byte, there is an image or an Error: nothing else, under sanitizers too.
TEST(DecodeGolden, DamagedBytesNeverDoWorseThanAnError) {
  DecodeLimits limits;
  limits.max_pixels = 1 << 20;
  for (const auto& [name, row] : expected().at("files").items()) {
    auto bytes = read_bytes(fixture(name));
    const std::size_t step = bytes.size() / 97 + 1;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
        const std::byte before = bytes[i];
        bytes[i] ^= static_cast<std::byte>(flip);
        try {
          const RgbImage image = decode_rgb(bytes, limits);
          EXPECT_EQ(image.pixels.size(), image.row_bytes() * static_cast<std::size_t>(image.height));
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kData) << name << " byte " << i << ": " << error.what();
        }
        bytes[i] = before;
      }
    }
  }
}

TEST(DecodeGolden, TransparencyIsReported) {
  for (const char* name :
       {"png_c4_d8.png", "png_c6_d16_i.png", "png_trns_gray.png", "png_trns_rgb.png", "png_trns_palette.png",
        "png_trns_one.png", "png_c0_d16.png", "png_few_rows.png"}) {
    EXPECT_FALSE(read_rgb(fixture(name)).opaque) << name;
  }
  for (const char* name :
       {"png_c0_d8.png", "png_c2_d16.png", "png_c3_d4_i.png", "jpeg_420.jpg", "jpeg_cmyk.jpg"}) {
    EXPECT_TRUE(read_rgb(fixture(name)).opaque) << name;
  }
}

}  // namespace
}  // namespace bteval::image
