// Image files to RGB pixels, as Pillow reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "image/image.h"

namespace bteval::image {

/// What a file may ask for before it is refused. Checked on the header, before any pixel is decoded.
struct DecodeLimits {
  /// Most pixels of one image. The default is where Pillow raises DecompressionBombError.
  std::int64_t max_pixels = 178956970;
};

/// Decode a JPEG, PNG, WebP or BMP file, told apart by content and not by name, into what
/// `PIL.Image.open(file).convert("RGB")` gives: the same bytes, or an Error. Orientation tags, gamma and
/// colour profiles are ignored, alpha is dropped, 16-bit samples are reduced the way Pillow does.
/// docs/images.md lists the kinds that are refused and why.
///
/// Throws Error(kData) with the reason: empty, truncated or corrupt data, over the limits, no image at all (a
/// Git LFS pointer, HTML, text), or a kind of image whose equality with Pillow is not proved. Thread-safe.
RgbImage decode_rgb(std::span<const std::byte> bytes, const DecodeLimits& limits = {});

/// decode_rgb() of a file's content; errors carry the path.
RgbImage read_rgb(const std::filesystem::path& path, const DecodeLimits& limits = {});

}  // namespace bteval::image
