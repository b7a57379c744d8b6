// Holm's correction of p-values that are looked at together.
#pragma once

#include <span>
#include <vector>

namespace bteval::metrics {

/// Adjusted p-values in the order of `p_values`: the i-th smallest of m is multiplied with m - i (from 0),
/// and none is smaller than one before it or larger than 1 (Holm, 1979, "A Simple Sequentially Rejective
/// Multiple Test Procedure"). Keeps the probability of any false finding below alpha, whatever the
/// dependence. Equals statsmodels' multipletests(method="holm"). A NaN (no test was made) stays and does not
/// count.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace bteval::metrics
