#include <unordered_map>
#include <unordered_set>

#include "core/error.h"
#include "core/file.h"
#include "core/read_file.h"
#include "datasets/vqa_json.h"
#include "datasets/vqa_vocabulary.h"
#include "reports/vqa_submission.h"
#include "tasks/submit_tasks.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

// VQA Challenge on EvalAI; both of its phases take the same file.
constexpr int kChallenge = 830;

struct Questions {
  std::string data_subtype;
  std::vector<std::int64_t> ids;
};

Questions read_questions(const fs::path& file) {
  const auto read = datasets::read_vqa_questions(*read_file(file));
  Questions questions{read.data_subtype, {}};
  for (const records::VqaQuestion& question : read.questions) questions.ids.push_back(question.question_id);
  return questions;
}

SubmitReport check(std::string_view text, const Questions& questions, const fs::path& file,
                   const std::unordered_set<std::string>& vocabulary) {
  const auto checked = reports::check_vqa_submission(text, questions.ids, vocabulary);
  SubmitReport report;
  report.problems = checked.problems;
  const auto share = [&](std::uint64_t count) {
    return fmt::format("{} ({:.2f} %)", count,
                       checked.predictions == 0
                           ? 0.0
                           : 100 * static_cast<double>(count) / static_cast<double>(checked.predictions));
  };
  report.facts.push_back(
      fmt::format("{} answers to {} questions", checked.predictions, questions.ids.size()));
  report.facts.push_back(fmt::format("{} are empty", share(checked.empty_answers)));
  if (!vocabulary.empty())
    report.facts.push_back(
        fmt::format("{} are not in the vocabulary", share(checked.answers_out_of_vocabulary)));
  if (questions.data_subtype == "test-dev2015") {
    report.problems.push_back(
        "these are test-dev's questions: both phases take answers to all of test2015 and refuse a file with "
        "test-dev's alone");
  } else if (questions.data_subtype == "test2015") {
    if (!checked.problems.empty() && checked.predictions > 0 && checked.predictions < questions.ids.size()) {
      report.problems.push_back(
          "both phases, test-dev too, take answers to all of test2015: a file with test-dev's questions "
          "alone "
          "is refused");
    }
    report.commands = {
        "upload with EvalAI's own client (pip install evalai; evalai set_token TOKEN):",
        fmt::format("  evalai challenge {} phases", kChallenge),
        fmt::format("  evalai challenge {} phase PHASE submit --file {} --large", kChallenge, file.string())};
  } else {
    report.facts.push_back(
        fmt::format("the server scores test2015 only, not {}", questions.data_subtype.empty()
                                                                   ? std::string("a split without a name")
                                                                   : printable(questions.data_subtype, 60)));
  }
  return report;
}

}  // namespace

SubmitReport submit_vqav2_run(const FinishedRun& run, const SubmitRunOptions& options) {
  const Questions questions = read_questions(run_input(run, "questions", options.questions));
  const fs::path predictions_file = run.folder / "predictions.jsonl";
  const auto read = datasets::read_vqa_predictions(*read_file(predictions_file));
  std::unordered_map<std::int64_t, const std::string*> answers;
  for (const records::VqaPrediction& prediction : read.predictions)
    answers.emplace(prediction.question_id, &prediction.answer);
  if (answers.size() + read.refused != questions.ids.size()) {
    throw Error(ErrorCode::kData,
                fmt::format("has predictions for {} of {} questions: a run with --limit makes no submission",
                            answers.size() + read.refused, questions.ids.size()),
                {predictions_file.string(), "", std::nullopt});
  }
  std::vector<records::VqaPrediction> all;
  for (const std::int64_t id : questions.ids) {
    const auto found = answers.find(id);
    // A refused sample counts as wrong, on the server too.
    all.push_back({id, found == answers.end() ? std::string() : *found->second});
  }
  const std::string text = reports::vqa_submission(all);
  const fs::path out = options.out.empty() ? run.folder / "submission.json" : options.out;
  SubmitReport report = check(text, questions, out, {});
  write_file_atomic(out, text);
  report.written.push_back(out);
  if (read.refused > 0)
    report.facts.push_back(
        fmt::format("{} samples were refused in the run: their answers are empty", read.refused));
  if (options.allow_excluded && !excluded_samples(run).empty())
    report.facts.push_back(
        "the server counts empty answers as wrong: its number is not the run's, which leaves them out");
  return report;
}

SubmitReport check_vqav2_submission(const SubmitCheckOptions& options) {
  std::unordered_set<std::string> vocabulary;
  if (!options.vocabulary.empty()) {
    const auto read = datasets::AnswerVocabulary::read(options.vocabulary);
    vocabulary.insert(read.answers().begin(), read.answers().end());
  }
  return check(read_file(options.file)->text(), read_questions(options.questions), options.file, vocabulary);
}

}  // namespace bteval::app
