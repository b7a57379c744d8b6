// The decoders behind decode_rgb(), one a format. Internal to lib/image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/decode.h"
#include "image/image.h"

namespace bteval::image {

using ByteSpan = std::span<const std::byte>;

inline unsigned byte_at(ByteSpan bytes, std::size_t i) { return std::to_integer<unsigned>(bytes[i]); }
inline unsigned be16(ByteSpan bytes, std::size_t i) { return byte_at(bytes, i) << 8 | byte_at(bytes, i + 1); }
inline std::uint32_t be32(ByteSpan bytes, std::size_t i) { return be16(bytes, i) << 16 | be16(bytes, i + 2); }
inline std::uint32_t le32(ByteSpan bytes, std::size_t i) {
  return byte_at(bytes, i) | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2) << 16 |
         byte_at(bytes, i + 3) << 24;
}
bool starts_with(ByteSpan bytes, std::string_view prefix);

/// Error(kData) where the image has no area or more pixels than allowed.
void check_size(std::uint64_t width, std::uint64_t height, const DecodeLimits& limits);

/// JPEG through libjpeg(-turbo), with Pillow's reading of the header. Progressive, CMYK, YCCK and gray
/// included. `reduce`: 1, or 2, 4 or 8 for an image whose sides are divided by it, rounded up, which is
/// decoded several times quicker (libjpeg leaves out the high frequencies). The limits hold for the whole
/// image.
RgbImage decode_jpeg(ByteSpan file, const DecodeLimits& limits, unsigned reduce = 1);

/// PNG of all colour types, depths and interlacing, with Pillow's tolerance for damage.
RgbImage decode_png(ByteSpan file, const DecodeLimits& limits);

/// Still WebP without alpha, and uncompressed 24-bit BMP, through OpenCV.
RgbImage decode_webp(ByteSpan file, const DecodeLimits& limits);
RgbImage decode_bmp(ByteSpan file, const DecodeLimits& limits);

/// What a file that is no supported image looks like, for the message: "a Git LFS pointer (fetch it …)".
std::string describe_content(ByteSpan file);

}  // namespace bteval::image
