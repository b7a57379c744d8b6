// The weights of Pillow's bicubic resampling. Internal to lib/image.
#pragma once

#include <cstdint>
#include <vector>

namespace bteval::image {

/// Bits behind the point of a weight: 32, less 8 of the sample, less 2 because negative weights let sums pass
/// 1 (Pillow, src/libImaging/Resample.c).
inline constexpr int kWeightBits = 22;

/// For each output position along one side: which inputs count, and how much.
struct Weights {
  int taps = 0;                     ///< weights stored per output, a multiple of 4; those not used are 0
  std::vector<std::int32_t> first;  ///< first input of an output
  std::vector<std::int32_t> count;  ///< inputs of an output, at most taps
  std::vector<std::int32_t> value;  ///< [outputs, taps], fixed point

  const std::int32_t* of(int output) const {
    return value.data() + static_cast<std::size_t>(output) * static_cast<std::size_t>(taps);
  }
};

/// Weights for shrinking or growing a side from `in` to `out` pixels, both positive: the double arithmetic of
/// Pillow's precompute_coeffs, in its order of operations, then rounded half away from zero.
Weights bicubic_weights(int in, int out);

}  // namespace bteval::image
