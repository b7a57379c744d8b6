// Approximate randomisation: how often two runs would differ as much if their results were exchangeable.
#pragma once

#include <span>

#include "metrics/bootstrap.h"

namespace bteval::metrics {

/// Two-sided p-value of the sum of `differences`, what each cluster adds to the difference of two paired runs
/// (for means with the same counts: (sum of b - sum of a) / number of samples). Each resample swaps the two
/// runs' results of whole clusters with probability 1/2; p is the share of resamples whose sum is as far from
/// 0 as the observed one, with 1 added to both counts, as sacreBLEU does (Noreen, 1989, Computer-Intensive
/// Methods for Testing Hypotheses; Riezler and Maxwell, 2005). Ties count as far (Phipson and Smyth, 2010),
/// which sacreBLEU leaves out: there two equal runs differ significantly; here they have p = 1. Resample i
/// draws from a generator of its own, so that p does not depend on the number of threads. NaN where a
/// difference is NaN.
double randomisation_p_value(std::span<const double> differences, const ResamplingOptions& options);

}  // namespace bteval::metrics
