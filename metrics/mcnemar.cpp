#include "metrics/mcnemar.h"

#include <algorithm>
#include <cmath>

namespace bteval::metrics {

McnemarResult mcnemar_exact(std::uint64_t only_a_right, std::uint64_t only_b_right) {
  const std::uint64_t smaller = std::min(only_a_right, only_b_right), n = only_a_right + only_b_right;
  const auto statistic = static_cast<double>(smaller);
  if (smaller >= n - smaller) return {statistic, 1};
  // Binomial coefficients relative to the middle one: no factorial overflows, and each is as exact as the
  // quotients that it is the product of. The half below the middle is half of all (without the middle
  // itself).
  const std::uint64_t middle = n / 2;
  double coefficient = 1, below = 0, tail = 0;
  for (std::uint64_t k = middle;; --k) {
    if (k <= smaller) tail += coefficient;
    if (k < middle) below += coefficient;
    if (k == 0 || coefficient == 0) break;
    coefficient *= static_cast<double>(k) / static_cast<double>(n - k + 1);
  }
  const double all = n % 2 == 0 ? 2 * below + 1 : 2 * (below + 1);
  return {statistic, std::min(1.0, 2 * (tail / all))};
}

McnemarResult mcnemar_chi_square(std::uint64_t only_a_right, std::uint64_t only_b_right) {
  const auto a = static_cast<double>(only_a_right), b = static_cast<double>(only_b_right);
  if (a + b == 0) return {};
  const double distance = std::abs(a - b) - 1;
  const double statistic = distance * distance / (a + b);
  return {statistic, std::erfc(std::sqrt(statistic / 2))};
}

}  // namespace bteval::metrics
