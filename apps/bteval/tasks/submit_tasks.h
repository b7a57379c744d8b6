// What `bteval submit` does for each task.
#pragma once

#include <cstdint>

#include "tasks/finished_run.h"
#include "tasks/submit.h"

namespace bteval::app {

SubmitReport submit_vqav2_run(const FinishedRun& run, const SubmitRunOptions& options);
SubmitReport submit_nlvr2_run(const FinishedRun& run, const SubmitRunOptions& options);
SubmitReport submit_snli_ve_run(const FinishedRun& run, const SubmitRunOptions& options);
/// Flickr30K and MSCOCO.
SubmitReport submit_retrieval_run(const FinishedRun& run, const SubmitRunOptions& options);

SubmitReport check_vqav2_submission(const SubmitCheckOptions& options);
SubmitReport check_nlvr2_submission(const SubmitCheckOptions& options);
SubmitReport check_snli_ve_submission(const SubmitCheckOptions& options);

/// Says that the run refused samples; nothing for 0.
void report_refused(std::uint64_t refused, SubmitReport& report);

}  // namespace bteval::app
