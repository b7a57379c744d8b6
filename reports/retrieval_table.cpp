#include "reports/retrieval_table.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/rounding.h"

namespace bteval::reports {
namespace {

constexpr std::string_view kText = "text retrieval";

std::string cell(const records::Score& score, const std::string& group, std::string_view value, int digits) {
  const auto found = std::ranges::find(score.groups, group, &records::ScoreGroup::name);
  if (found == score.groups.end()) return "-";
  const auto number = std::ranges::find(found->values, value, &records::ScoreValue::name);
  return number == found->values.end() ? "-" : format_decimals(number->value, digits);
}

std::string row_name(std::string_view suffix) {
  const std::size_t start = suffix.find_first_not_of(" ,");
  return start == std::string_view::npos ? "all" : std::string(suffix.substr(start));
}

}  // namespace

Table retrieval_table(const records::Score& score, int digits) {
  Table table;
  table.columns = {{score.metric, Align::kLeft}};
  for (const char* title :
       {"TR R@1", "R@5", "R@10", "IR R@1", "R@5", "R@10", "RSUM", "R mean", "TR median", "IR median"}) {
    table.columns.push_back({title, Align::kRight});
  }
  for (const records::ScoreGroup& group : score.groups) {
    if (!group.name.starts_with(kText)) continue;
    const std::string suffix = group.name.substr(kText.size());
    const std::string image = "image retrieval" + suffix;
    const std::string both = "both directions" + suffix;
    std::vector<std::string> row = {row_name(suffix)};
    for (const std::string& direction : {group.name, image}) {
      for (const char* value : {"R@1", "R@5", "R@10"}) row.push_back(cell(score, direction, value, digits));
    }
    row.push_back(cell(score, both, "RSUM", digits));
    row.push_back(cell(score, both, "R mean", digits));
    row.push_back(cell(score, group.name, "median rank", 1));
    row.push_back(cell(score, image, "median rank", 1));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace bteval::reports
