#include "tasks/eval.h"

#include "core/error.h"
#include "reports/leaderboard_writers.h"
#include "tasks/report.h"
#include "tasks/suite.h"

namespace bteval::app {

std::optional<EvalResult> evaluate(const EvalOptions& options) {
  if (options.task == "vqav2") return evaluate_vqav2(options);
  if (options.task == "nlvr2") return evaluate_nlvr2(options);
  if (options.task == "snli-ve") return evaluate_snli_ve(options);
  if (options.task == "flickr30k" || options.task == "coco") return evaluate_retrieval(options);
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no task \"{}\": the tasks are vqav2, nlvr2, snli-ve, flickr30k and coco",
                          printable(options.task, 40)));
}

std::uint64_t evaluate_suite(const std::string& suite, const EvalOptions& options) {
  std::uint64_t refused = 0;
  ReportOptions report;
  std::vector<EvalOptions> entries = suite_entries(find_suite(suite), options);
  for (EvalOptions& entry : entries) {
    entry.keep_finished = true;
    const std::optional<EvalResult> result = evaluate(entry);
    if (!result) continue;
    refused += result->refused;
    report.runs.push_back(entry.out);
  }
  if (!report.runs.empty()) {
    fmt::print("\n{}", reports::leaderboard_text(make_report(report), stdout_takes_colour()));
  }
  return refused;
}

}  // namespace bteval::app
