#include "image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "support.h"
#include "support/test_paths.h"

namespace bteval::image {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Decode, SaysWhatAFileIsThatIsNoImage) {
  EXPECT_THAT(decode_error(std::string()), HasSubstr("the file is empty"));
  EXPECT_THAT(decode_error("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
              HasSubstr("a Git LFS pointer"));
  EXPECT_THAT(decode_error("\n<!DOCTYPE html><html>"), HasSubstr("an HTML or XML page"));
  EXPECT_THAT(decode_error("{\"error\": 404}"), HasSubstr("JSON or other text"));
  EXPECT_THAT(decode_error("Not found"), HasSubstr("text that begins with \"Not found\""));
  EXPECT_THAT(decode_error(std::string("\0\1\2\3", 4)),
              HasSubstr("unknown content that begins with \"\\x00\\x01"));
  EXPECT_THAT(decode_error("GIF89a......"), HasSubstr("a GIF image, which is not supported"));
  EXPECT_THAT(decode_error("\x89PNG\n\n"), HasSubstr("a PNG file whose signature is damaged"));
  EXPECT_THAT(decode_error("BM"), HasSubstr("a truncated BMP file"));
}

TEST(Decode, ErrorsCarryThePath) {
  const testing::TempDir folder;
  const auto path = folder.path() / "broken.jpg";
  write_file_atomic(path, "\xff\xd8\xff\xe0");
  try {
    read_rgb(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), StartsWith(path.string() + ": at byte 4: broken JPEG header"));
  }
  EXPECT_THROW(read_rgb(folder.path() / "missing.jpg"), Error);
}

TEST(Decode, GoesByContentAndNotByName) {
  EXPECT_EQ(digest(read_rgb(testing::golden_data("image/jpeg_named_png.png"))),
            digest(read_rgb(testing::golden_data("image/jpeg_garbage_behind.jpg"))));
}

TEST(Decode, IgnoresTheOrientationTag) {
  const RgbImage turned = read_rgb(testing::golden_data("image/jpeg_exif6.jpg"));
  EXPECT_EQ(turned.width, 29);
  EXPECT_EQ(turned.height, 21);
  const RgbImage webp = read_rgb(testing::golden_data("image/webp_exif.webp"));
  EXPECT_EQ(webp.width, 29);
}

TEST(Decode, ChecksTheNumberOfPixelsBeforeDecoding) {
  const auto jpeg = read_bytes(testing::golden_data("image/jpeg_420.jpg"));
  const auto png = read_bytes(testing::golden_data("image/png_c2_d8.png"));
  DecodeLimits limits;
  limits.max_pixels = 29 * 21;
  EXPECT_NO_THROW(decode_rgb(jpeg, limits));
  limits.max_pixels = 13 * 11 - 1;
  for (const auto& file : {jpeg, png}) {
    try {
      decode_rgb(file, limits);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("more than the limit of 142"));
    }
  }
  // 65500 x 65500 pixels in a header of 200 bytes: refused although nothing else is wrong yet.
  auto huge = jpeg;
  const std::vector<std::byte> frame = {std::byte{0xff}, std::byte{0xc0}, std::byte{0}, std::byte{17},
                                        std::byte{8}};
  const auto at = std::search(huge.begin(), huge.end(), frame.begin(), frame.end());
  ASSERT_NE(at, huge.end());
  for (int i = 5; i < 9; ++i) *(at + i) = std::byte{0xff};
  EXPECT_THAT(decode_error(huge), HasSubstr("65535x65535 pixels"));
}

TEST(Decode, JpegRefusalsNameTheirCause) {
  EXPECT_THAT(decode_error(read_bytes(testing::golden_data("image/jpeg_truncated.jpg"))),
              HasSubstr("the JPEG file is truncated"));
  EXPECT_THAT(decode_error("\xff\xd8\xff\x05"), HasSubstr("0xFF05 is no marker"));
  const std::string twelve_bits("\xff\xd8\xff\xc0\0\x0b\x0c\0\1\0\1\1\1\x11\0", 15);
  EXPECT_THAT(decode_error(twelve_bits), HasSubstr("12 bits per sample"));
  const std::string two_components("\xff\xd8\xff\xc0\0\x0e\x08\0\1\0\1\2\1\x11\0\2\x11\0", 18);
  EXPECT_THAT(decode_error(two_components), HasSubstr("2 components"));
}

}  // namespace
}  // namespace bteval::image
