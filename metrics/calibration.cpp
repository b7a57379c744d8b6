#include "metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace bteval::metrics {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void require_same_length(std::span<const float> confidences, std::span<const double> values) {
  if (confidences.size() != values.size()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{} confidences for {} values", confidences.size(), values.size()));
  }
}

std::vector<ReliabilityBin> empty_bins(std::size_t count) {
  if (count == 0) throw Error(ErrorCode::kInternal, "calibration needs at least one bin");
  std::vector<ReliabilityBin> bins(count);
  for (std::size_t i = 0; i < count; ++i) {
    bins[i].low = static_cast<double>(i) / static_cast<double>(count);
    bins[i].high = static_cast<double>(i + 1) / static_cast<double>(count);
  }
  return bins;
}

}  // namespace

Calibration calibration(std::span<const float> confidences, std::span<const double> values,
                        std::size_t bins) {
  require_same_length(confidences, values);
  Calibration result{empty_bins(bins), kNaN, kNaN};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double confidence = confidences[i];
    if (!(confidence >= 0 && confidence <= 1)) {
      throw Error(ErrorCode::kInternal, fmt::format("{} is no probability", confidence));
    }
    const auto bin =
        std::lower_bound(result.bins.begin(), result.bins.end(), confidence,
                         [](const ReliabilityBin& candidate, double x) { return candidate.high < x; });
    ++bin->count;
    bin->mean_confidence += confidence;
    bin->mean_value += values[i];
  }
  if (!values.empty()) result.expected_error = result.largest_error = 0;
  for (ReliabilityBin& bin : result.bins) {
    const auto count = static_cast<double>(bin.count);
    bin.mean_confidence /= count;  // 0 / 0 = NaN where the bin is empty
    bin.mean_value /= count;
    if (bin.count == 0) continue;
    const double error = std::abs(bin.mean_value - bin.mean_confidence);
    result.expected_error += count / static_cast<double>(values.size()) * error;
    result.largest_error = std::max(result.largest_error, error);
  }
  return result;
}

CoverageCurve::CoverageCurve(std::span<const float> confidences, std::span<const double> values)
    : sums_(values.size()), ends_(values.size()) {
  require_same_length(confidences, values);
  for (const float confidence : confidences) {
    if (std::isnan(confidence)) throw Error(ErrorCode::kInternal, "a confidence is not a number");
  }
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return confidences[a] > confidences[b]; });
  double before = 0;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    // Added in the order of the samples, so that sorting equal ones in another order changes no bit.
    while (end < order.size() && !(confidences[order[end]] < confidences[order[begin]])) ++end;
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
              order.begin() + static_cast<std::ptrdiff_t>(end));
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += values[order[i]];
    for (std::size_t i = begin; i < end; ++i) {
      sums_[i] = before + sum * (static_cast<double>(i + 1 - begin) / static_cast<double>(end - begin));
    }
    before += sum;
    ends_[end - 1] = true;
  }
}

double CoverageCurve::accuracy_at(double coverage) const {
  if (sums_.empty() || !(coverage > 0 && coverage <= 1)) return kNaN;
  const auto n = static_cast<double>(sums_.size());
  // 0.7 · 10 is 7.000000000000001 in some orders: a sample more than was asked for is none.
  const double wanted = std::ceil(coverage * n - 1e-9 * n);
  const double answered = std::clamp(wanted, 1.0, n);
  return sums_[static_cast<std::size_t>(answered) - 1] / answered;
}

double CoverageCurve::coverage_at_risk(double risk) const {
  for (std::size_t k = sums_.size(); k > 0; --k) {
    if (!ends_[k - 1]) continue;
    const auto answered = static_cast<double>(k);
    if (1 - sums_[k - 1] / answered <= risk + 1e-12) return answered / static_cast<double>(sums_.size());
  }
  return 0;
}

double CoverageCurve::area_under_risk() const {
  if (sums_.empty()) return kNaN;
  double area = 0;
  for (std::size_t k = 0; k < sums_.size(); ++k) area += 1 - sums_[k] / static_cast<double>(k + 1);
  return area / static_cast<double>(sums_.size());
}

}  // namespace bteval::metrics
