#include "tasks/submit.h"

#include "core/error.h"
#include "tasks/finished_run.h"
#include "tasks/submit_vqav2.h"

namespace bteval::app {

SubmitReport submit_run(const SubmitRunOptions& options) {
  const FinishedRun run = open_finished_run(options.run);
  if (run.task == "vqav2") return submit_vqav2_run(run, options);
  throw Error(ErrorCode::kData,
              fmt::format("is a run of \"{}\", which has no submission", printable(run.task, 40)),
              {options.run.string(), "", std::nullopt});
}

SubmitReport check_submission(const SubmitCheckOptions& options) {
  if (options.task == "vqav2") return check_vqav2_submission(options);
  throw Error(ErrorCode::kUsage, fmt::format("there is no task \"{}\"", printable(options.task, 40)));
}

}  // namespace bteval::app
