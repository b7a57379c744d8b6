#include "core/file.h"
#include "core/read_file.h"
#include "datasets/snli_ve.h"
#include "datasets/snli_ve_predictions.h"
#include "reports/snli_ve_predictions.h"
#include "tasks/submit_tasks.h"

namespace bteval::app {
namespace {

std::vector<std::string> pair_ids(const std::filesystem::path& annotations) {
  datasets::SnliVeOptions options;
  options.annotations = annotations;
  options.with_images = false;
  std::vector<std::string> ids;
  for (const records::Sample& sample : datasets::open_snli_ve(options).samples.samples)
    ids.push_back(sample.id);
  return ids;
}

SubmitReport check(std::string_view text, const std::vector<std::string>& ids) {
  const reports::SubmissionCheck checked = reports::check_snli_ve_predictions(text, ids);
  SubmitReport report;
  report.facts = {fmt::format("{} predictions for {} pairs", checked.predictions, ids.size())};
  report.facts.insert(report.facts.end(), checked.notes.begin(), checked.notes.end());
  report.problems = checked.problems;
  report.commands = {"SNLI-VE has no server: score the file with bteval score snli-ve"};
  return report;
}

}  // namespace

SubmitReport submit_snli_ve_run(const FinishedRun& run, const SubmitRunOptions& options) {
  const auto ids = pair_ids(run_input(run, "annotations", options.questions));
  const auto read = datasets::read_snli_ve_predictions(*read_file(run.folder / "predictions.jsonl"));
  const std::string text = reports::snli_ve_predictions(read.predictions);
  SubmitReport report = check(text, ids);
  report_refused(read.refused, report);
  const auto out = options.out.empty() ? run.folder / "submission.jsonl" : options.out;
  write_file_atomic(out, text);
  report.written.push_back(out);
  return report;
}

SubmitReport check_snli_ve_submission(const SubmitCheckOptions& options) {
  return check(read_file(options.file)->text(), pair_ids(options.questions));
}

}  // namespace bteval::app
