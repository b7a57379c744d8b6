// The parts of `bteval verify`.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/json.h"
#include "tasks/finished_run.h"
#include "tasks/verify.h"

namespace bteval::app {

/// Where each input lies now, by role; inputs that are not there, or are others, are left out.
using FoundInputs = std::map<std::string, std::filesystem::path>;

/// Digests of what the run has read.
FoundInputs verify_inputs(const FinishedRun& run, const VerifyOptions& options, VerifyReport& report);

/// Digests of what the run has written. metrics.json is taken without the server's reply, which comes later.
void verify_outputs(const FinishedRun& run, VerifyReport& report);

/// The score from the predictions, and the submission.
void verify_score(const FinishedRun& run, const FoundInputs& inputs, VerifyReport& report);
void verify_submission(const FinishedRun& run, const FoundInputs& inputs, VerifyReport& report);

/// metrics.json; Error(kData) where it is no JSON object any more.
OrderedJson read_metrics(const FinishedRun& run);

/// How many samples the run refused.
std::uint64_t refused_samples(const FinishedRun& run);

}  // namespace bteval::app
