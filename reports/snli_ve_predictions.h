// Predictions for SNLI-VE. There is no evaluation server; the form is JSON lines.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "records/snli_ve.h"
#include "reports/submission_check.h"

namespace bteval::reports {

/// Lines `{"pairID": "2248275918.jpg#2r1c", "prediction": "contradiction"}` in the order of `predictions`:
/// the same predictions give the same bytes. Error(kInternal) for a pairID that is not UTF-8.
std::string snli_ve_predictions(std::span<const records::SnliVePrediction> predictions);

/// Checks the text of such a file: JSON lines and no list, objects with a string `pairID` and one of the
/// three class names as `prediction` (other members are ignored), the ids exactly those of the annotation
/// file, none twice. Never throws for a bad file: everything found is in `problems`, each kind once with a
/// count and its first examples.
SubmissionCheck check_snli_ve_predictions(std::string_view text, std::span<const std::string> pair_ids);

}  // namespace bteval::reports
