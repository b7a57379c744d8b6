#include "core/file.h"
#include "core/read_file.h"
#include "datasets/nlvr2.h"
#include "datasets/nlvr2_predictions.h"
#include "reports/nlvr2_submission.h"
#include "tasks/submit_tasks.h"

namespace bteval::app {
namespace {

std::vector<std::string> identifiers(const std::filesystem::path& annotations) {
  datasets::Nlvr2Options options;
  options.annotations = annotations;
  options.with_images = false;
  std::vector<std::string> ids;
  for (const records::Sample& sample : datasets::open_nlvr2(options).samples.samples)
    ids.push_back(sample.id);
  return ids;
}

SubmitReport check(std::string_view text, const std::vector<std::string>& ids) {
  const reports::SubmissionCheck checked = reports::check_nlvr2_submission(text, ids);
  SubmitReport report;
  report.facts = {fmt::format("{} predictions for {} examples", checked.predictions, ids.size())};
  report.facts.insert(report.facts.end(), checked.notes.begin(), checked.notes.end());
  report.problems = checked.problems;
  report.commands = {
      "score it with nlvr2/eval/metrics.py of lil-lab/nlvr; for test-U, mail it to the authors"};
  return report;
}

}  // namespace

SubmitReport submit_nlvr2_run(const FinishedRun& run, const SubmitRunOptions& options) {
  const auto ids = identifiers(run_input(run, "annotations", options.questions));
  const auto read = datasets::read_nlvr2_predictions(*read_file(run.folder / "predictions.jsonl"));
  const std::string text = reports::nlvr2_submission(read.predictions);
  SubmitReport report = check(text, ids);
  report_refused(read.refused, report);
  const auto out = options.out.empty() ? run.folder / "submission.csv" : options.out;
  write_file_atomic(out, text);
  report.written.push_back(out);
  return report;
}

SubmitReport check_nlvr2_submission(const SubmitCheckOptions& options) {
  return check(read_file(options.file)->text(), identifiers(options.questions));
}

}  // namespace bteval::app
