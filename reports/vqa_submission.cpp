#include "reports/vqa_submission.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "core/json_reader.h"
#include "reports/submission_check.h"

namespace bteval::reports {
namespace {

struct Record {
  std::optional<std::int64_t> question_id;
  std::optional<std::string> answer;
};

Record read_record(JsonReader& reader, std::size_t index, ProblemList& problems) {
  Record record;
  const std::string where = fmt::format("record {}", index);
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    const JsonReader::Type type = reader.peek();
    if (key == "question_id" && type == JsonReader::Type::kNumber) {
      record.question_id = reader.read_int();
    } else if (key == "answer" && type == JsonReader::Type::kString) {
      record.answer = reader.read_string();
    } else {
      if (key == "question_id") {
        problems.add("question ids that are no integers", where);
      } else if (key == "answer") {
        problems.add("answers that are no strings", where);
      }
      reader.skip();
    }
  }
  if (!record.question_id) problems.add("records without an integer question_id", where);
  if (!record.answer) problems.add("records without a string answer", where);
  return record;
}

void compare_ids(std::vector<std::int64_t> found, std::span<const std::int64_t> question_ids,
                 ProblemList& problems) {
  std::sort(found.begin(), found.end());
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (found[i] == found[i - 1] && (i == 1 || found[i] != found[i - 2])) {
      problems.add("question ids that stand more than once", std::to_string(found[i]));
    }
  }
  std::vector<std::int64_t> expected(question_ids.begin(), question_ids.end());
  std::sort(expected.begin(), expected.end());
  for (const std::int64_t id : expected) {
    if (!std::binary_search(found.begin(), found.end(), id)) {
      problems.add(fmt::format("of {} questions without an answer", expected.size()), std::to_string(id));
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool repeated = i > 0 && found[i] == found[i - 1];
    if (!repeated && !std::binary_search(expected.begin(), expected.end(), found[i])) {
      problems.add("question ids that the question file does not have", std::to_string(found[i]));
    }
  }
}

}  // namespace

std::string vqa_submission(std::span<const records::VqaPrediction> predictions) {
  std::string out = "[";
  for (const records::VqaPrediction& prediction : predictions) {
    try {
      out += fmt::format("{}{{\"question_id\":{},\"answer\":{}}}", out.size() == 1 ? "" : ",",
                         prediction.question_id, Json(prediction.answer).dump());
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kInternal,
                  fmt::format("an answer is not UTF-8: {}", printable(prediction.answer, 60)),
                  {"", fmt::format("question_id {}", prediction.question_id), std::nullopt});
    }
  }
  return out + "]\n";
}

VqaSubmissionCheck check_vqa_submission(std::string_view text, std::span<const std::int64_t> question_ids,
                                        const std::unordered_set<std::string>& vocabulary) {
  VqaSubmissionCheck check;
  ProblemList problems;
  std::vector<std::int64_t> ids;
  try {
    JsonReader reader(text, "");
    if (reader.peek() == JsonReader::Type::kObject) {
      check.problems.push_back(
          "is no JSON list: the server takes one list, not JSON lines and not an object");
      return check;
    }
    reader.enter_array();
    while (reader.next_element()) {
      const Record record = read_record(reader, static_cast<std::size_t>(check.predictions++), problems);
      if (record.question_id) ids.push_back(*record.question_id);
      if (!record.answer) continue;
      check.empty_answers += record.answer->empty() ? 1 : 0;
      check.answers_out_of_vocabulary += !vocabulary.empty() && !vocabulary.contains(*record.answer) ? 1 : 0;
    }
    reader.finish();
  } catch (const Error& error) {
    check.problems = problems.lines();
    check.problems.push_back(error.what());
    return check;
  }
  compare_ids(std::move(ids), question_ids, problems);
  check.problems = problems.lines();
  return check;
}

}  // namespace bteval::reports
