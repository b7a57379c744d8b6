#include "support.h"

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "core/error.h"
#include "core/hash.h"
#include "image/decode.h"

namespace bteval::image {

std::string digest(const RgbImage& image) { return sha256(std::as_bytes(std::span(image.pixels))); }

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  const auto file = Bytes::map_file(path);
  return {file->span().begin(), file->span().end()};
}

RgbImage pattern_image(int width, int height) {
  RgbImage image = make_image(width, height);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t value = x * x * 7 + y * 13 * (c + 1) + x * y * (3 + c) + (x / 9) * 64;
        image.row(static_cast<int>(y))[3 * x + c] = static_cast<std::uint8_t>(value % 256);
      }
    }
  }
  return image;
}

std::string decode_error(std::span<const std::byte> bytes) {
  try {
    decode_rgb(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    return error.what();
  }
  ADD_FAILURE() << "decoding succeeded";
  return "";
}

std::string decode_error(const std::string& bytes) { return decode_error(std::as_bytes(std::span(bytes))); }

}  // namespace bteval::image
