#include "tasks/report_calibration.h"

#include <cmath>

#include "core/error.h"
#include "metrics/calibration.h"
#include "tasks/compare_calibration.h"

namespace bteval::app {

std::vector<std::pair<std::string, double>> sample_calibration(
    const std::vector<records::SampleResult>& samples) {
  RunSamples run;
  for (const records::SampleResult& sample : samples) {
    run.values.push_back(sample.value.value_or(NAN));
    run.confidences.push_back(sample.confidence.value_or(NAN));
  }
  const auto confident = confident_samples(run);
  if (!confident) return {};
  const auto& [confidences, values] = *confident;
  std::vector<std::pair<std::string, double>> out = {
      {"ECE", 100 * metrics::calibration(confidences, values).expected_error}};
  const metrics::CoverageCurve curve(confidences, values);
  for (const int percent : {80, 90})
    out.emplace_back(fmt::format("at {} %", percent), 100 * curve.accuracy_at(percent / 100.0));
  return out;
}

}  // namespace bteval::app
