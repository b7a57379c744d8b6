#include "image/resize_kernels.h"

namespace bteval::image {
namespace {

void horizontal(const Rows& in, const Weights& weights, const MutableRows& out) {
  const int width = static_cast<int>(weights.first.size());
  for (int y = 0; y < in.count; ++y) {
    const std::uint8_t* row = in.data + static_cast<std::size_t>(y) * in.stride;
    std::uint8_t* target = out.data + static_cast<std::size_t>(y) * out.stride;
    for (int x = 0; x < width; ++x, target += 3) {
      const std::int32_t* weight = weights.of(x);
      const std::uint8_t* pixel =
          row + static_cast<std::size_t>(weights.first[static_cast<std::size_t>(x)]) * 3;
      std::uint32_t sum[3] = {kHalf, kHalf, kHalf};
      for (int k = 0; k < weights.count[static_cast<std::size_t>(x)]; ++k, pixel += 3) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * static_cast<std::uint32_t>(weight[k]);
      }
      for (int c = 0; c < 3; ++c) target[c] = clip_to_byte(sum[c]);
    }
  }
}

void vertical(const Rows& in, const Weights& weights, const MutableRows& out) {
  std::vector<std::uint32_t> sums(in.row_bytes);
  for (std::size_t y = 0; y < weights.first.size(); ++y) {
    const std::int32_t* weight = weights.of(static_cast<int>(y));
    const std::uint8_t* row = in.data + static_cast<std::size_t>(weights.first[y]) * in.stride;
    sums.assign(sums.size(), kHalf);
    for (int k = 0; k < weights.count[y]; ++k, row += in.stride) {
      const auto factor = static_cast<std::uint32_t>(weight[k]);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row[i] * factor;
    }
    std::uint8_t* target = out.data + y * out.stride;
    for (std::size_t i = 0; i < sums.size(); ++i) target[i] = clip_to_byte(sums[i]);
  }
}

}  // namespace

const Kernels& portable_kernels() {
  static constexpr Kernels kKernels{"portable", horizontal, vertical};
  return kKernels;
}

}  // namespace bteval::image
