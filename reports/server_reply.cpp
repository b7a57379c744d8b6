#include "reports/server_reply.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace bteval::reports {
namespace {

double percent(const Json& phase, const char* key, const std::string& name, const std::string& record) {
  const auto value = json_member<Json>(phase, key, name, record);
  double number = std::nan("");
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const Json parsed = Json::parse(value.get<std::string>(), nullptr, /*allow_exceptions=*/false);
    if (parsed.is_number()) number = parsed.get<double>();
  }
  if (!(number >= 0 && number <= 100)) {
    throw Error(ErrorCode::kData,
                fmt::format("\"{}\" is no percentage: {}", key,
                            printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 40)),
                {name, record, std::nullopt});
  }
  return number;
}

void read_phases(const Json& object, const std::string& name, std::vector<VqaPhaseScore>& scores) {
  if (!object.is_object()) {
    throw Error(ErrorCode::kData, "is no list of phases with their scores", {name, "", std::nullopt});
  }
  for (const auto& [phase, values] : object.items()) {
    const std::string record = fmt::format("phase \"{}\"", printable(phase, 40));
    const bool known =
        std::any_of(scores.begin(), scores.end(),
                    [&, &id = phase](const VqaPhaseScore& score) { return score.phase == id; });
    if (known) throw Error(ErrorCode::kData, "stands twice", {name, record, std::nullopt});
    scores.push_back({phase, percent(values, "yes/no", name, record), percent(values, "number", name, record),
                      percent(values, "other", name, record), percent(values, "overall", name, record)});
  }
}

}  // namespace

std::vector<VqaPhaseScore> read_vqa_reply(std::string_view text, const std::string& name) {
  Json reply = parse_json(text, name);
  if (reply.is_object() && reply.contains("result")) reply = Json(reply["result"]);
  // EvalAI's own client shows the result as a string that holds the JSON.
  if (reply.is_string()) reply = parse_json(reply.get<std::string>(), name);
  std::vector<VqaPhaseScore> scores;
  if (reply.is_array()) {
    for (const Json& entry : reply) read_phases(entry, name, scores);
  } else {
    read_phases(reply, name, scores);
  }
  if (scores.empty()) throw Error(ErrorCode::kData, "has no phase", {name, "", std::nullopt});
  return scores;
}

std::optional<std::string> doubt_vqa_phase(const VqaPhaseScore& score) {
  constexpr double kYesNo = 0.41485, kNumber = 0.10966, kOther = 0.47548, kTolerance = 0.01;
  if (score.phase != "test-standard" && score.phase != "test-std") return std::nullopt;
  const double expected = kYesNo * score.yes_no + kNumber * score.number + kOther * score.other;
  if (std::abs(expected - score.overall) <= kTolerance) return std::nullopt;
  return fmt::format(
      "{}: overall {:.2f} does not follow from yes/no {:.2f}, number {:.2f} and other {:.2f}, which give "
      "{:.2f}",
      score.phase, score.overall, score.yes_no, score.number, score.other, expected);
}

OrderedJson to_json(const std::vector<VqaPhaseScore>& scores) {
  OrderedJson json = OrderedJson::array();
  for (const VqaPhaseScore& score : scores) {
    json.push_back({{"phase", score.phase},
                    {"yes/no", score.yes_no},
                    {"number", score.number},
                    {"other", score.other},
                    {"overall", score.overall}});
  }
  return json;
}

}  // namespace bteval::reports
