#include "reports/score_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/rounding.h"

namespace bteval::reports {
namespace {

OrderedJson number_or_null(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

OrderedJson value_to_json(const records::ScoreValue& value, int digits) {
  OrderedJson json = {{"value", number_or_null(round_decimals(value.value, digits))},
                      {"unrounded", number_or_null(value.value)},
                      {"count", value.count}};
  if (value.correct) {
    json["correct"] = *value.correct;
    json["fraction"] = number_or_null(static_cast<double>(*value.correct) / static_cast<double>(value.count));
  }
  return json;
}

OrderedJson matrix_to_json(const records::CountMatrix& matrix) {
  OrderedJson counts = OrderedJson::array();
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    const auto begin = matrix.counts.begin() + static_cast<std::ptrdiff_t>(row * matrix.columns.size());
    counts.push_back(
        std::vector<std::int64_t>(begin, begin + static_cast<std::ptrdiff_t>(matrix.columns.size())));
  }
  return {{"row_title", matrix.row_title},
          {"column_title", matrix.column_title},
          {"rows", matrix.rows},
          {"columns", matrix.columns},
          {"counts", std::move(counts)}};
}

}  // namespace

OrderedJson score_to_json(const records::Score& score, int digits) {
  OrderedJson groups = OrderedJson::object();
  for (const records::ScoreGroup& group : score.groups) {
    OrderedJson& values = groups[group.name] = OrderedJson::object();
    for (const records::ScoreValue& value : group.values) values[value.name] = value_to_json(value, digits);
  }
  OrderedJson json = {{"metric", score.metric},
                      {"scorer", score.scorer},
                      {"overall", value_to_json(score.overall, digits)},
                      {"groups", std::move(groups)}};
  for (const records::CountMatrix& matrix : score.matrices)
    json["matrices"][matrix.name] = matrix_to_json(matrix);
  return json;
}

Table matrix_to_table(const records::CountMatrix& matrix) {
  Table table{{{fmt::format("{} / {}", matrix.row_title, matrix.column_title)}}, {}};
  for (const std::string& column : matrix.columns) table.columns.push_back({column, Align::kRight});
  for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
    table.rows.push_back({matrix.rows[row]});
    for (std::size_t column = 0; column < matrix.columns.size(); ++column) {
      table.rows.back().push_back(std::to_string(matrix.counts[row * matrix.columns.size() + column]));
    }
  }
  return table;
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
