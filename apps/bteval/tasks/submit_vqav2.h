// The VQAv2 part of `bteval submit`.
#pragma once

#include "tasks/finished_run.h"
#include "tasks/submit.h"

namespace bteval::app {

SubmitReport submit_vqav2_run(const FinishedRun& run, const SubmitRunOptions& options);
SubmitReport check_vqav2_submission(const SubmitCheckOptions& options);

}  // namespace bteval::app
