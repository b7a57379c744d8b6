// The smallest difference that a comparison can be expected to find.
#pragma once

namespace bteval::metrics {

/// x with P(standard normal <= x) = p; infinite at 0 and 1, NaN outside.
double normal_quantile(double p);

/// Minimal detectable difference of a two-sided test at `alpha` that finds a true difference of that size
/// with the probability `power`: (z(1 - alpha/2) + z(power)) · standard_error, where `standard_error` is that
/// of the paired difference (clustered). Card et al., 2020, "With Little Power Comes Great Responsibility";
/// Bloom, 1995, "Minimum Detectable Effects". A measured difference below it may be real and still be missed.
double minimal_detectable_difference(double standard_error, double alpha = 0.05, double power = 0.8);

}  // namespace bteval::metrics
