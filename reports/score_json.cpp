#include "reports/score_json.h"

#include <algorithm>
#include <cmath>

#include "core/rounding.h"

namespace bteval::reports {
namespace {

OrderedJson number_or_null(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

OrderedJson value_to_json(const records::ScoreValue& value, int digits) {
  return {{"value", number_or_null(round_decimals(value.value, digits))},
          {"unrounded", number_or_null(value.value)},
          {"count", value.count}};
}

}  // namespace

OrderedJson score_to_json(const records::Score& score, int digits) {
  OrderedJson groups = OrderedJson::object();
  for (const records::ScoreGroup& group : score.groups) {
    OrderedJson& values = groups[group.name] = OrderedJson::object();
    for (const records::ScoreValue& value : group.values) values[value.name] = value_to_json(value, digits);
  }
  return {{"metric", score.metric},
          {"scorer", score.scorer},
          {"overall", value_to_json(score.overall, digits)},
          {"groups", std::move(groups)}};
}

Table score_to_table(const records::Score& score, const std::vector<std::string>& groups, int digits) {
  Table table;
  table.columns = {{score.metric, Align::kLeft}, {"score", Align::kRight}, {"samples", Align::kRight}};
  const auto add = [&](const std::string& name, const records::ScoreValue& value) {
    table.rows.push_back({name, format_decimals(value.value, digits), std::to_string(value.count)});
  };
  add(score.overall.name, score.overall);
  for (const records::ScoreGroup& group : score.groups) {
    if (!groups.empty() && std::find(groups.begin(), groups.end(), group.name) == groups.end()) continue;
    table.rows.push_back({group.name});
    for (const records::ScoreValue& value : group.values) add("  " + value.name, value);
  }
  return table;
}

}  // namespace bteval::reports
