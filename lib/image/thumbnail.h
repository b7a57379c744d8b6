// Small pictures of images, for reports.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "image/decode.h"

namespace bteval::image {

struct Thumbnail {
  int width = 0;
  int height = 0;
  std::string jpeg;  ///< a baseline JPEG file
};

/// Shrink an image file to a JPEG whose longer side has `long_side` pixels (1 or more); a smaller image keeps
/// its size. Pixels are those of decode_rgb(), so that the thumbnail shows what a model is given: orientation
/// tags are ignored and alpha is dropped. JPEG files are decoded at a fraction of their size where that is
/// enough. The same file gives the same bytes on one machine. Throws what decode_rgb() does. Thread-safe.
Thumbnail make_thumbnail(std::span<const std::byte> file, int long_side, const DecodeLimits& limits = {});

}  // namespace bteval::image
