// report.md of a run directory: what a person reads first.
#pragma once

#include <optional>
#include <string>

#include "records/run_manifest.h"
#include "records/score.h"

namespace bteval::reports {

/// Title, score tables (or why there is no score), what was counted, every input with its digest, the options
/// and the command, as Markdown. Deterministic: no dates, no timings.
std::string run_report_markdown(const records::RunManifest& manifest,
                                const std::optional<records::Score>& score, const std::string& why_no_score);

}  // namespace bteval::reports
