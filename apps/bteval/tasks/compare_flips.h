// The samples that two runs do not answer equally well, as JSON lines.
#pragma once

#include <filesystem>
#include <vector>

#include "tasks/compare.h"
#include "tasks/compare_samples.h"
#include "tasks/finished_run.h"

namespace bteval::app {

/// One line a sample and run whose value differs from the reference's, in the reference's order:
/// {"id", "run", "flip": "better" or "worse", "reference": {"value", "prediction", "rank"}, "other": {…},
/// "cluster", "targets", "text", "images", "slices"}. Texts are read again from the reference's file, so that
/// they need not be kept in memory.
void write_flips(const std::filesystem::path& file, const std::vector<FinishedRun>& runs,
                 const Comparison& comparison, const ComparedSamples& samples);

}  // namespace bteval::app
