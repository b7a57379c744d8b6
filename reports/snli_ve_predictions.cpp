#include "reports/snli_ve_predictions.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/json_reader.h"

namespace bteval::reports {
namespace {

// The pairID of one line, where it has one.
std::optional<std::string> check_line(std::string_view line, const std::string& where,
                                      ProblemList& problems) {
  std::optional<std::string> id;
  bool has_prediction = false;
  JsonReader reader(line, "");
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    const bool is_string = reader.peek() == JsonReader::Type::kString;
    if (key == "pairID" && is_string) {
      id = reader.read_string();
    } else if (key == "prediction" && is_string) {
      has_prediction = true;
      const std::string_view value = reader.read_string();
      if (!records::snli_ve_class(value)) {
        problems.add("predictions that are no class", fmt::format("{} '{}'", where, printable(value, 20)));
      }
    } else {
      reader.skip();
    }
  }
  reader.finish();
  if (!id) problems.add("records without a string pairID", where);
  if (!has_prediction) problems.add("records without a string prediction", where);
  return id;
}

void compare_ids(const std::vector<std::string>& found, std::span<const std::string> pair_ids,
                 ProblemList& problems) {
  std::unordered_map<std::string_view, std::uint64_t> rows;
  std::unordered_map<std::string_view, bool> expected;
  for (const std::string& id : pair_ids) expected.emplace(id, false);
  for (const std::string& id : found) {
    const std::uint64_t row = ++rows[id];
    if (row == 2) problems.add("pairIDs that stand more than once", printable(id, 60));
    const auto known = expected.find(id);
    if (known != expected.end()) {
      known->second = true;
    } else if (row == 1) {
      problems.add("pairIDs that the annotation file does not have", printable(id, 60));
    }
  }
  for (const std::string& id : pair_ids) {
    if (!expected.at(id)) {
      problems.add(fmt::format("of {} pairs without a prediction", pair_ids.size()), printable(id, 60));
    }
  }
}

}  // namespace

std::string snli_ve_predictions(std::span<const records::SnliVePrediction> predictions) {
  std::string out;
  for (const records::SnliVePrediction& prediction : predictions) {
    try {
      out += fmt::format("{{\"pairID\": {}, \"prediction\": \"{}\"}}\n", Json(prediction.pair_id).dump(),
                         records::snli_ve_class_name(prediction.prediction));
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kInternal,
                  fmt::format("a pairID is not UTF-8: {}", printable(prediction.pair_id, 60)));
    }
  }
  return out;
}

SubmissionCheck check_snli_ve_predictions(std::string_view text, std::span<const std::string> pair_ids) {
  SubmissionCheck check;
  ProblemList problems;
  std::vector<std::string> ids;
  try {
    refuse_if_not_json(text, "");
    const std::size_t start = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    if (start != std::string_view::npos && text[start] == '[') {
      check.problems.push_back("is one JSON list, not JSON lines");
      return check;
    }
  } catch (const Error& error) {
    check.problems.push_back(error.message());
    return check;
  }
  std::size_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find_first_not_of(" \t\r\v\f") == std::string_view::npos) continue;
    const std::string where = fmt::format("line {}", number);
    ++check.predictions;
    try {
      if (std::optional<std::string> id = check_line(line, where, problems)) ids.push_back(*std::move(id));
    } catch (const Error& error) {
      problems.add("lines that are no JSON object", fmt::format("{} ({})", where, error.message()));
    }
  }
  compare_ids(ids, pair_ids, problems);
  check.problems = problems.lines();
  return check;
}

}  // namespace bteval::reports
