#include "tasks/submit.h"

#include "core/error.h"
#include "tasks/finished_run.h"
#include "tasks/submit_tasks.h"

namespace bteval::app {

SubmitReport submit_run(const SubmitRunOptions& options) {
  const FinishedRun run = open_finished_run(options.run);
  const std::size_t excluded = excluded_samples(run).size();
  if (excluded > 0 && !options.allow_excluded) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("the run's score leaves {} samples out, which a server counts as wrong or does not "
                    "take: evaluate again with their images, or give --allow-excluded",
                    excluded),
        {options.run.string(), "", std::nullopt});
  }
  if (run.task == "vqav2") return submit_vqav2_run(run, options);
  if (run.task == "nlvr2") return submit_nlvr2_run(run, options);
  if (run.task == "snli-ve") return submit_snli_ve_run(run, options);
  if (run.task == "flickr30k" || run.task == "coco") return submit_retrieval_run(run, options);
  throw Error(ErrorCode::kData,
              fmt::format("is a run of \"{}\", which has no submission", printable(run.task, 40)),
              {options.run.string(), "", std::nullopt});
}

SubmitReport check_submission(const SubmitCheckOptions& options) {
  if (options.task == "vqav2") return check_vqav2_submission(options);
  if (options.task == "nlvr2") return check_nlvr2_submission(options);
  if (options.task == "snli-ve") return check_snli_ve_submission(options);
  throw Error(ErrorCode::kUsage, fmt::format("there is no task \"{}\"", printable(options.task, 40)));
}

void report_refused(std::uint64_t refused, SubmitReport& report) {
  if (refused == 0) return;
  report.problems.push_back(
      fmt::format("{} samples were refused in the run and have no prediction", refused));
}

}  // namespace bteval::app
