// The formats that go through OpenCV: still WebP without alpha, and uncompressed 24-bit BMP. The headers are
// read here first, so that only kinds whose equality with Pillow is tested reach the decoder, and no
// truncated file does.
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/error.h"
#include "image/decoders.h"

namespace bteval::image {
namespace {

[[noreturn]] void refuse(std::string message) { throw Error(ErrorCode::kData, std::move(message)); }

RgbImage decode_with_opencv(ByteSpan file, std::uint32_t width, std::uint32_t height, const char* format) {
  cv::Mat decoded;
  try {
    // OpenCV's interface takes no const pointer, but only reads.
    const cv::Mat input(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::byte*>(file.data()));
    decoded = cv::imdecode(input, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    refuse(fmt::format("broken {} data: {}", format, printable(error.err)));
  }
  if (decoded.empty() || decoded.type() != CV_8UC3) refuse(fmt::format("broken {} data", format));
  if (decoded.cols != static_cast<int>(width) || decoded.rows != static_cast<int>(height)) {
    refuse(fmt::format("broken {} data: {}x{} pixels where the header says {}x{}", format, decoded.cols,
                       decoded.rows, width, height));
  }
  RgbImage image = make_image(decoded.cols, decoded.rows);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* bgr = decoded.ptr(y);
    std::uint8_t* rgb = image.row(y);
    for (int x = 0; x < image.width; ++x, bgr += 3, rgb += 3) {
      rgb[0] = bgr[2];
      rgb[1] = bgr[1];
      rgb[2] = bgr[0];
    }
  }
  return image;
}

void check_file_size(ByteSpan file, std::uint64_t needed, const char* format) {
  if (file.size() < needed) {
    refuse(fmt::format("the {} file is truncated ({} of {} bytes)", format, file.size(), needed));
  }
  if (file.size() > INT32_MAX) refuse(fmt::format("the {} file is too large", format));
}

std::uint32_t le24(ByteSpan bytes, std::size_t i) {
  return byte_at(bytes, i) | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2) << 16;
}

}  // namespace

// Layout: https://developers.google.com/speed/webp/docs/riff_container
RgbImage decode_webp(ByteSpan file, const DecodeLimits& limits) {
  constexpr std::size_t kLeast = 30;
  check_file_size(file, std::max<std::uint64_t>(kLeast, std::uint64_t{le32(file, 4)} + 8), "WebP");
  const ByteSpan chunk = file.subspan(12);
  std::uint32_t width = 0, height = 0;
  bool alpha = false;
  if (starts_with(chunk, "VP8 ")) {
    width = le32(chunk, 14) & 0x3fff;
    height = le32(chunk, 14) >> 16 & 0x3fff;
  } else if (starts_with(chunk, "VP8L")) {
    const std::uint32_t bits = le32(chunk, 9);
    width = (bits & 0x3fff) + 1;
    height = (bits >> 14 & 0x3fff) + 1;
    alpha = (bits >> 28 & 1) != 0;
  } else if (starts_with(chunk, "VP8X")) {
    const unsigned flags = byte_at(chunk, 8);
    if ((flags & 0x02) != 0) refuse("an animated WebP image is not supported");
    alpha = (flags & 0x10) != 0;
    width = le24(chunk, 12) + 1;
    height = le24(chunk, 15) + 1;
  } else {
    refuse("broken WebP data: no image chunk");
  }
  if (alpha) refuse("a WebP image with transparency is not supported");
  check_size(width, height, limits);
  return decode_with_opencv(file, width, height, "WebP");
}

// BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows API.
RgbImage decode_bmp(ByteSpan file, const DecodeLimits& limits) {
  constexpr std::size_t kHeaders = 54;
  check_file_size(file, kHeaders, "BMP");
  const std::uint32_t info_size = le32(file, 14);
  const unsigned planes = byte_at(file, 26) | byte_at(file, 27) << 8;
  const unsigned bits = byte_at(file, 28) | byte_at(file, 29) << 8;
  const std::uint32_t compression = le32(file, 30);
  if (info_size != 40 || planes != 1 || bits != 24 || compression != 0) {
    refuse(fmt::format(
        "a BMP image of {} bits, compression {}, header of {} bytes is not supported (only plain 24 bits)",
        bits, compression, info_size));
  }
  const auto width = static_cast<std::int32_t>(le32(file, 18));
  const std::int64_t height = std::abs(std::int64_t{static_cast<std::int32_t>(le32(file, 22))});
  if (width <= 0 || height <= 0 || height > INT32_MAX) refuse("the BMP image has no area");
  check_size(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), limits);
  const std::uint64_t row = (static_cast<std::uint64_t>(width) * 3 + 3) / 4 * 4;
  const std::uint64_t offset = le32(file, 10);
  if (offset < kHeaders) refuse("broken BMP data: the pixels begin within the header");
  check_file_size(file, offset + row * static_cast<std::uint64_t>(height), "BMP");
  return decode_with_opencv(file, static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                            "BMP");
}

}  // namespace bteval::image
