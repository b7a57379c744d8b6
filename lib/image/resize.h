// Pillow's bicubic resize, bit for bit.
#pragma once

#include "image/image.h"

namespace bteval::image {

/// The order of the two passes, which changes the rounding of a few pixels.
enum class PassOrder {
  /// Horizontal, then vertical: Pillow up to 12, with which every published BridgeTower result was made. The
  /// default.
  kHorizontalFirst,
  /// Pillow 13: vertical first where the height shrinks by more than twice as many pixels as the width (its
  /// pull
  /// request 9549), otherwise as before. Changes portrait photographs by a few levels.
  kPillow13,
};

/// Resize to `width` x `height` as `Image.resize((width, height), Image.BICUBIC)` does: a = -0.5, the support
/// widened when shrinking (antialias), two passes of 22-bit fixed-point weights with an 8-bit image in
/// between, and a pass is left out where that side keeps its length. Uses AVX2 where the processor has it;
/// all paths give the same bytes. `opaque` is carried over.
///
/// Error(kData) where a side is not positive. Thread-safe.
RgbImage resize_bicubic(const RgbImage& image, int width, int height,
                        PassOrder order = PassOrder::kHorizontalFirst);

}  // namespace bteval::image
