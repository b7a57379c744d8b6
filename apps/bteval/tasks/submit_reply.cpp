#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "core/read_file.h"
#include "reports/run_documents.h"
#include "reports/server_reply.h"
#include "tasks/finished_run.h"
#include "tasks/submit.h"

namespace bteval::app {

namespace fs = std::filesystem;

SubmitReport read_reply(const fs::path& reply, const fs::path& run) {
  const FinishedRun finished = open_finished_run(run);
  if (finished.task != "vqav2" || !finished.split.starts_with("test")) {
    throw Error(ErrorCode::kUsage,
                fmt::format("is a run of {} on {}: the server scores VQAv2's test splits only", finished.task,
                            printable(finished.split, 60)),
                {run.string(), "", std::nullopt});
  }
  const auto bytes = read_file(reply);
  const auto scores = reports::read_vqa_reply(bytes->text(), reply.string());
  const fs::path metrics_file = run / "metrics.json";
  OrderedJson metrics = parse_ordered_json(read_file(metrics_file)->text(), metrics_file.string());
  reports::check_metrics(metrics, metrics_file.string());
  metrics["server"] = reports::to_json(scores);
  write_file_atomic(run / "server_reply.json", bytes->text());
  write_file_atomic(metrics_file, metrics.dump(1) + "\n");

  SubmitReport report;
  report.written = {run / "server_reply.json", metrics_file};
  for (const reports::VqaPhaseScore& score : scores) {
    report.facts.push_back(fmt::format("{}: overall {:.2f}, yes/no {:.2f}, number {:.2f}, other {:.2f}",
                                       printable(score.phase, 40), score.overall, score.yes_no, score.number,
                                       score.other));
    if (const auto doubt = reports::doubt_vqa_phase(score)) report.problems.push_back(*doubt);
  }
  return report;
}

}  // namespace bteval::app
