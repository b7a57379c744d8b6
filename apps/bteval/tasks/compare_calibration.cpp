#include "tasks/compare_calibration.h"

#include <algorithm>
#include <cmath>

namespace bteval::app {

std::optional<ConfidentSamples> confident_samples(const RunSamples& run) {
  ConfidentSamples out;
  for (std::size_t i = 0; i < run.values.size(); ++i) {
    if (std::isnan(run.values[i])) continue;
    const bool refused = std::isnan(run.confidences[i]);
    if (refused && run.values[i] != 0) return std::nullopt;
    if (!refused && !(run.confidences[i] >= 0 && run.confidences[i] <= 1)) return std::nullopt;
    out.confidences.push_back(refused ? 0.0F : run.confidences[i]);
    out.values.push_back(run.values[i]);
  }
  if (std::all_of(out.confidences.begin(), out.confidences.end(), [](float c) { return c == 0; }))
    return std::nullopt;
  return out;
}

}  // namespace bteval::app
