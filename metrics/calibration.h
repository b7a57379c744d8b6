// Whether a run's probabilities can be trusted, and what it would gain by not answering.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bteval::metrics {

/// Samples whose confidence lies in (low, high]; 0 itself belongs to the first bin.
struct ReliabilityBin {
  double low = 0, high = 0;
  std::int64_t count = 0;
  double mean_confidence = 0, mean_value = 0;  ///< NaN where count is 0
};

struct Calibration {
  std::vector<ReliabilityBin> bins;
  double expected_error = 0;  ///< ECE: mean over samples of their bin's |mean value - mean confidence|
  double largest_error = 0;   ///< MCE: the largest of these
};

/// Sorts samples into bins of equal width by their confidence (0 to 1) and compares with their values (0 to
/// 1: right or wrong, or VQA's soft accuracy). Guo et al., 2017, "On Calibration of Modern Neural Networks",
/// which uses 15 bins. All NaN without samples. Error(kInternal) where the lengths differ, `bins` is 0 or a
/// confidence is not within 0 and 1.
Calibration calibration(std::span<const float> confidences, std::span<const double> values,
                        std::size_t bins = 15);

/// What would be scored if only the `coverage` most confident samples were answered.
struct CoveragePoint {
  double coverage = 0;  ///< share of the samples, 0 to 1
  double accuracy = 0;  ///< their mean value
};

/// The risk-coverage curve of abstention by confidence (El-Yaniv and Wiener, 2010; for VQA: Whitehead et al.,
/// 2022, "Reliable Visual Question Answering").
class CoverageCurve {
 public:
  /// Error(kInternal) where the lengths differ or a confidence is NaN.
  CoverageCurve(std::span<const float> confidences, std::span<const double> values);

  std::size_t samples() const { return sums_.size(); }
  /// Mean value of the ceil(coverage · n) most confident samples, coverage in (0, 1]; of equally confident
  /// ones each counts with their mean, as their order means nothing. NaN without samples.
  double accuracy_at(double coverage) const;
  /// The largest coverage at which 1 - accuracy is at most `risk`; 0 where there is none. Only cuts between
  /// samples of different confidence count: nobody could cut elsewhere.
  double coverage_at_risk(double risk) const;
  /// Area under the risk-coverage curve: mean of 1 - accuracy over all coverages 1/n, ..., 1. Less is better.
  double area_under_risk() const;

 private:
  std::vector<double> sums_;  // sums_[k]: value of the k + 1 most confident, ties by their mean
  std::vector<bool> ends_;    // whether sample k + 1 is less confident than sample k
};

}  // namespace bteval::metrics
