#include "image/resample_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/checked.h"

// This file is compiled without contraction of floating-point operations (CMakeLists.txt): a fused
// multiply-add would change last bits of weights and, rarely, pixels.
namespace bteval::image {
namespace {

constexpr double kA = -0.5;  // Keys' cubic convolution, IEEE TASSP 29(6), 1981
constexpr double kSupport = 2.0;

double cubic(double distance) {
  const double x = std::abs(distance);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

std::int32_t to_fixed(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

Weights bicubic_weights(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(scale, 1.0);  // wider than the kernel only when shrinking: antialias
  const double support = kSupport * stretch;
  const double inverse = 1.0 / stretch;

  Weights weights;
  weights.first.resize(static_cast<std::size_t>(out));
  weights.count.resize(static_cast<std::size_t>(out));
  int most = 0;
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in) - first;
    weights.first[static_cast<std::size_t>(i)] = first;
    weights.count[static_cast<std::size_t>(i)] = count;
    most = std::max(most, count);
  }
  weights.taps = (most + 3) / 4 * 4;
  weights.value.resize(checked_mul<std::size_t>(static_cast<std::size_t>(out),
                                                static_cast<std::size_t>(weights.taps), "table of weights"));
  std::vector<double> row(static_cast<std::size_t>(most));
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = weights.first[static_cast<std::size_t>(i)];
    const int count = weights.count[static_cast<std::size_t>(i)];
    double sum = 0.0;
    for (int k = 0; k < count; ++k) {
      row[static_cast<std::size_t>(k)] = cubic((k + first - center + 0.5) * inverse);
      sum += row[static_cast<std::size_t>(k)];
    }
    std::int32_t* value =
        weights.value.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(weights.taps);
    for (int k = 0; k < count; ++k) {
      const double weight = row[static_cast<std::size_t>(k)];
      value[k] = to_fixed(sum != 0.0 ? weight / sum : weight);
    }
  }
  return weights;
}

}  // namespace bteval::image
