// The two passes of the resize, in several implementations with equal results. Internal to lib/image.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/resample_weights.h"
#include "image/resize.h"

namespace bteval::image {

/// Rows of packed RGB that are `stride` bytes apart.
struct Rows {
  const std::uint8_t* data;
  std::size_t stride;
  int count;
  std::size_t row_bytes;  ///< of pixels, at most stride
  std::size_t readable;   ///< bytes that may be read from data on
};

struct MutableRows {
  std::uint8_t* data;
  std::size_t stride;
};

/// Bytes behind the last pixel of a row that a horizontal pass may overwrite; strides leave room for them.
inline constexpr std::size_t kRowSlack = 16;

struct Kernels {
  const char* name;
  /// Resample each row of `in` to weights.first.size() pixels. `out` rows have kRowSlack bytes of room.
  void (*horizontal)(const Rows& in, const Weights& weights, const MutableRows& out);
  /// Resample columns: each row of `out` is a weighted sum of rows of `in`.
  void (*vertical)(const Rows& in, const Weights& weights, const MutableRows& out);
};

const Kernels& portable_kernels();
/// Null where the compiler or the processor has no AVX2.
const Kernels* avx2_kernels();

/// resize_bicubic() with the given kernels: for tests and benchmarks.
RgbImage resize_with(const RgbImage& image, int width, int height, PassOrder order, const Kernels& kernels);

/// One weighted sum, rounded, shifted and clipped to a byte. `sum` wraps like Pillow's 32-bit accumulator.
inline std::uint8_t clip_to_byte(std::uint32_t sum) {
  const std::int32_t value = static_cast<std::int32_t>(sum) >> kWeightBits;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

inline constexpr std::uint32_t kHalf = 1U << (kWeightBits - 1);

}  // namespace bteval::image
