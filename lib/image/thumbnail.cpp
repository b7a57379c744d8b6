#include "image/thumbnail.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "image/decoders.h"
#include "image/jpeg_header.h"
#include "image/resize.h"

namespace bteval::image {
namespace {

using namespace std::string_view_literals;

constexpr int kQuality = 70;  // of 100: artefacts begin to show below it, and files shrink little

/// The image, of which a JPEG may be reduced, but not below the size wanted.
RgbImage decode_at_least(ByteSpan file, int long_side, const DecodeLimits& limits) {
  if (!starts_with(file, "\xff\xd8\xff"sv)) return decode_rgb(file, limits);
  const JpegHeader header = read_jpeg_header(file);
  unsigned reduce = 8;
  while (reduce > 1 && std::max(header.width, header.height) / static_cast<int>(reduce) < long_side)
    reduce /= 2;
  return decode_jpeg(file, limits, reduce);
}

RgbImage shrink(const RgbImage& image, int long_side) {
  const int longer = std::max(image.width, image.height);
  if (longer <= long_side) return image;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * long_side / longer)));
  };
  return resize_bicubic(image, scaled(image.width), scaled(image.height));
}

std::string encode_jpeg(const RgbImage& image) {
  cv::Mat bgr(image.height, image.width, CV_8UC3);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* rgb = image.row(y);
    std::uint8_t* out = bgr.ptr(y);
    for (int x = 0; x < image.width; ++x, rgb += 3, out += 3) {
      out[0] = rgb[2];
      out[1] = rgb[1];
      out[2] = rgb[0];
    }
  }
  std::vector<std::uint8_t> bytes;
  bool done = false;
  try {
    done = cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality});
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::kInternal, "OpenCV writes no JPEG: " + printable(error.err));
  }
  if (!done) throw Error(ErrorCode::kInternal, "OpenCV writes no JPEG");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Thumbnail make_thumbnail(std::span<const std::byte> file, int long_side, const DecodeLimits& limits) {
  if (long_side < 1) throw Error(ErrorCode::kInternal, "a thumbnail has one pixel or more");
  const RgbImage image = shrink(decode_at_least(file, long_side, limits), long_side);
  return {image.width, image.height, encode_jpeg(image)};
}

}  // namespace bteval::image
