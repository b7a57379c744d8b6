#include "reports/leaderboard_columns.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <tuple>

#include "core/error.h"
#include "core/rounding.h"

namespace bteval::reports {
namespace {

/// Splits and metrics in the order in which papers print them; others follow in the order of the alphabet.
constexpr std::array<std::string_view, 7> kSplits = {"val",    "dev",   "test-dev", "test-std",
                                                     "test-P", "test1", "test"};
constexpr std::array<std::string_view, 16> kMetrics = {
    "overall", "yes/no", "number", "other",   "accuracy", "consistency", "TR R@1",  "TR R@5",
    "TR R@10", "IR R@1", "IR R@5", "IR R@10", "RSUM",     "ECE",         "at 80 %", "at 90 %"};

template <std::size_t N>
std::size_t place(const std::array<std::string_view, N>& order, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(order, name) - order.begin());
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

using SplitAndMetric = std::pair<std::string, std::string>;

bool before(const SplitAndMetric& a, const SplitAndMetric& b) {
  const auto rank = [](const SplitAndMetric& of) {
    return std::tuple(place(kSplits, of.first), of.first, place(kMetrics, of.second), of.second);
  };
  return rank(a) < rank(b);
}

}  // namespace

std::vector<LeaderboardColumn> leaderboard_columns(const std::vector<const LeaderboardRow*>& rows) {
  const auto any = [&](const auto& has) {
    return std::ranges::any_of(rows, [&](const LeaderboardRow* row) { return has(*row); });
  };
  std::vector<LeaderboardColumn> columns = {{"name", "", "name", ColumnKind::kText}};
  if (any([](const LeaderboardRow& row) { return !row.setting.empty(); }))
    columns.push_back({"setting", "", "setting", ColumnKind::kText});
  if (any([](const LeaderboardRow& row) { return row.published; }))
    columns.push_back({"origin", "", "origin", ColumnKind::kText});
  std::set<SplitAndMetric, decltype(&before)> scores(&before);
  for (const LeaderboardRow* row : rows) {
    for (const auto& [key, value] : row->values) scores.insert(key);
  }
  for (const auto& [split, metric] : scores)
    columns.push_back(
        {fmt::format("{}/{}", split, metric), split, metric, ColumnKind::kScore, metric == "ECE"});
  if (any([](const LeaderboardRow& row) { return row.parameters.has_value(); }))
    columns.push_back({"parameters", "", "params (M)", ColumnKind::kNumber});
  if (any([](const LeaderboardRow& row) { return row.image_size_px.has_value(); }))
    columns.push_back({"resolution", "", "px", ColumnKind::kNumber});
  if (any([](const LeaderboardRow& row) { return row.samples_per_second > 0; }))
    columns.push_back({"throughput", "", "samples/s", ColumnKind::kNumber});
  return columns;
}

std::pair<std::string, std::string> split_and_metric(const LeaderboardColumn& column) {
  return {column.group, column.title};
}

const LeaderboardColumn* find_column(const std::vector<LeaderboardColumn>& columns, const std::string& name) {
  if (name.empty()) return nullptr;
  const std::string wanted = lower(name);
  for (const LeaderboardColumn& column : columns) {
    for (const std::string& own : {column.key, full_title(column), column.title}) {
      if (lower(own) == wanted) return &column;
    }
  }
  return nullptr;
}

std::string full_title(const LeaderboardColumn& column) {
  return column.group.empty() ? column.title : column.group + " " + column.title;
}

std::string interval_text(const Interval& interval) {
  return fmt::format("[{}, {}]", format_decimals(interval.low, 2), format_decimals(interval.high, 2));
}

std::string task_title(const std::string& task) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTitles = {
      {{"vqav2", "VQAv2"},
       {"nlvr2", "NLVR2"},
       {"snli-ve", "SNLI-VE"},
       {"flickr30k", "Flickr30K retrieval"},
       {"coco", "MSCOCO retrieval"}}};
  for (const auto& [name, title] : kTitles) {
    if (name == task) return std::string(title);
  }
  return task;
}

}  // namespace bteval::reports
