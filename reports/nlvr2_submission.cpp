#include "reports/nlvr2_submission.h"

#include <algorithm>
#include <unordered_map>

#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"

namespace bteval::reports {
namespace {

constexpr std::string_view kSpace = " \t\r\v\f";

std::string_view strip(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// What makes reading lines pointless; empty where they can be read.
std::string other_format(std::string_view text) {
  const std::string_view body = strip(text.substr(0, text.find('\n')));
  if (body.starts_with('{') || body.starts_with('[')) {
    return "is JSON: the scorer takes lines identifier,prediction without a header";
  }
  if (text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos ||
      text.starts_with("version https://git-lfs")) {
    try {
      refuse_if_not_json(text, "");  // says what an empty file or a Git LFS pointer is
    } catch (const Error& error) {
      return error.message();
    }
  }
  if (const std::size_t invalid = utf8_first_invalid(text); invalid != std::string_view::npos) {
    return fmt::format("is not UTF-8: at byte {}", invalid);
  }
  return "";
}

}  // namespace

std::string nlvr2_submission(std::span<const records::Nlvr2Prediction> predictions) {
  std::string out;
  for (const records::Nlvr2Prediction& prediction : predictions) {
    if (prediction.identifier.find_first_of(",\r\n") != std::string::npos) {
      throw Error(ErrorCode::kInternal,
                  fmt::format("an identifier does not fit a CSV: {}", printable(prediction.identifier, 60)));
    }
    out += prediction.identifier + (prediction.prediction ? ",True\n" : ",False\n");
  }
  return out;
}

SubmissionCheck check_nlvr2_submission(std::string_view text, std::span<const std::string> identifiers) {
  SubmissionCheck check;
  if (std::string problem = other_format(text); !problem.empty()) {
    check.problems.push_back(std::move(problem));
    return check;
  }
  ProblemList problems;
  std::unordered_map<std::string_view, std::uint64_t> rows;
  std::vector<std::string_view> order;
  std::size_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = strip(text.substr(begin, end - begin));
    begin = end + 1;
    const std::string where = fmt::format("line {}", number);
    const std::size_t comma = line.find(',');
    if (line.empty()) {
      problems.add("blank lines, at which the official scorer ends with an error", where);
      continue;
    }
    if (comma == std::string_view::npos) {
      problems.add("lines without a comma, at which the official scorer ends with an error", where);
      continue;
    }
    ++check.predictions;
    const std::string_view identifier = line.substr(0, comma);
    const std::string_view value = line.substr(comma + 1, line.find(',', comma + 1) - comma - 1);
    const std::string value_lower = lower(value);
    if (value_lower != "true" && value_lower != "false") {
      problems.add("predictions that are neither True nor False",
                   fmt::format("{} '{}'", where, printable(value, 20)));
    }
    if (++rows[identifier] == 1) order.push_back(identifier);
  }
  for (const std::string_view identifier : order) {
    if (rows[identifier] > 1)
      problems.add("identifiers that stand more than once", printable(identifier, 60));
  }
  std::uint64_t known = 0;
  for (const std::string& identifier : identifiers) {
    if (rows.contains(identifier)) {
      ++known;
    } else {
      problems.add(fmt::format("of {} examples without a prediction", identifiers.size()), identifier);
    }
  }
  check.problems = problems.lines();
  if (order.size() > known) {
    check.notes.push_back(
        fmt::format("{} rows are for other examples: the scorer ignores them", order.size() - known));
  }
  return check;
}

}  // namespace bteval::reports
