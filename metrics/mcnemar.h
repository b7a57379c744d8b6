// McNemar's test of two paired accuracies.
#pragma once

#include <cstdint>

namespace bteval::metrics {

struct McnemarResult {
  double statistic = 0;
  double p_value = 1;
};

/// Two-sided exact test: under the null hypothesis each of the samples that only one run has right is equally
/// likely to be either one's. `statistic` is the smaller count, p the doubled binomial tail, at most 1;
/// equals statsmodels' mcnemar(exact=True). Takes samples as independent: on clustered data it promises too
/// much.
McnemarResult mcnemar_exact(std::uint64_t only_a_right, std::uint64_t only_b_right);

/// Chi-square test with continuity correction (Edwards, 1948): (|b - c| - 1)² / (b + c), one degree of
/// freedom; equals statsmodels' mcnemar(exact=False, correction=True). p = 1 where both counts are 0.
McnemarResult mcnemar_chi_square(std::uint64_t only_a_right, std::uint64_t only_b_right);

}  // namespace bteval::metrics
