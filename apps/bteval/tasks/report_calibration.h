// How far a run's probabilities can be trusted, as numbers of the leaderboard.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "records/sample_result.h"

namespace bteval::app {

/// "ECE", "at 80 %" and "at 90 %" in per cent, computed as `bteval compare --calibration` does. Empty where a
/// sample that counts has no confidence, as in retrieval.
std::vector<std::pair<std::string, double>> sample_calibration(
    const std::vector<records::SampleResult>& samples);

}  // namespace bteval::app
