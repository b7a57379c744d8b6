#include "metrics/detectable_difference.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace bteval::metrics {
namespace {

double normal_cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

}  // namespace

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0 || p == 1) return p == 0 ? -HUGE_VAL : HUGE_VAL;
  if (p > 0.5) return -normal_quantile(1 - p);
  // Bisection below 0, where the distribution function loses no digits: doubles end at a quantile of -38.5.
  double low = -39, high = 0;
  while (true) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    (normal_cdf(middle) < p ? low : high) = middle;
  }
}

double minimal_detectable_difference(double standard_error, double alpha, double power) {
  return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * standard_error;
}

}  // namespace bteval::metrics
