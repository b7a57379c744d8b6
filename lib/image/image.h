// Pixels in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bteval::image {

/// An 8-bit RGB image, `[height, width, 3]` without padding between rows.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  /// Whether conversion to RGB lost nothing that a transform may need: false where the file has transparent
  /// pixels (or 16-bit gray values), which Pillow's convert("RGB") drops silently. See
  /// Transform::kCenterCrop.
  bool opaque = true;

  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * 3; }
  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * row_bytes(); }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * row_bytes(); }
};

/// A black image of that size. Error(kData) where a side is not positive or the size overflows.
RgbImage make_image(int width, int height);

}  // namespace bteval::image
