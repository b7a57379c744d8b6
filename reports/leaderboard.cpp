#include "reports/leaderboard.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "core/error.h"
#include "core/rounding.h"
#include "reports/leaderboard_columns.h"

namespace bteval::reports {
namespace {

/// Two values are equal where they look equal.
double shown(double value) { return round_decimals(value, 2); }

LeaderboardCell score_cell(const LeaderboardRow& row, const LeaderboardColumn& column) {
  const auto found = row.values.find(split_and_metric(column));
  if (found == row.values.end() || !std::isfinite(found->second.value)) return {};
  const LeaderboardValue& value = found->second;
  return {format_decimals(value.value, value.decimals), value.value, value.interval, Mark::kNone};
}

LeaderboardCell number_cell(std::optional<double> number, int decimals) {
  if (!number) return {};
  return {format_decimals(*number, decimals), number};
}

LeaderboardCell cell(const LeaderboardRow& row, const LeaderboardColumn& column) {
  if (column.kind == ColumnKind::kScore) return score_cell(row, column);
  if (column.key == "name") return {row.name};
  if (column.key == "setting") return {row.setting};
  if (column.key == "origin") return {row.published ? "published" : "run"};
  if (column.key == "parameters") {
    if (!row.parameters) return {};
    LeaderboardCell millions = number_cell(static_cast<double>(*row.parameters) / 1e6, 1);
    millions.number = static_cast<double>(*row.parameters);
    return millions;
  }
  if (column.key == "resolution") {
    return number_cell(row.image_size_px ? std::optional<double>(*row.image_size_px) : std::nullopt, 0);
  }
  const bool measured = row.samples_per_second > 0;
  return number_cell(measured ? std::optional<double>(row.samples_per_second) : std::nullopt, 1);
}

/// The rows of a column that compete; none where they were computed with different annotations.
std::vector<std::size_t> competitors(const std::vector<const LeaderboardRow*>& rows,
                                     const LeaderboardTable& table, std::size_t column,
                                     std::vector<std::string>& warnings) {
  const LeaderboardColumn& of = table.columns[column];
  std::vector<std::size_t> ranked;
  std::set<std::string> data;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]->ranked || !table.lines[i].cells[column].number) continue;
    ranked.push_back(i);
    if (const std::string& digest = rows[i]->values.at(split_and_metric(of)).data; !digest.empty())
      data.insert(digest);
  }
  if (data.size() <= 1) return ranked;
  const std::string warning = fmt::format(
      "{}, {}: the runs were scored with {} different annotations, so that none is marked as best",
      table.title, of.group, data.size());
  if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
  return {};
}

void mark_best(const std::vector<const LeaderboardRow*>& rows, LeaderboardTable& table, std::size_t column,
               std::vector<std::string>& warnings) {
  const std::vector<std::size_t> ranked = competitors(rows, table, column, warnings);
  if (ranked.size() < 2) return;
  const auto value = [&](std::size_t line) { return shown(*table.lines[line].cells[column].number); };
  std::set<double> values;
  for (const std::size_t line : ranked) values.insert(value(line));
  if (values.size() == 1) return;  // all alike: nobody is ahead
  const bool least = table.columns[column].less_is_better;
  const double best = least ? *values.begin() : *values.rbegin();
  const double second = least ? *std::next(values.begin()) : *std::next(values.rbegin());
  for (const std::size_t line : ranked) {
    Mark& mark = table.lines[line].cells[column].mark;
    if (value(line) == best) mark = Mark::kBest;
    if (value(line) == second) mark = Mark::kSecond;
  }
}

void sort_rows(std::vector<const LeaderboardRow*>& rows, const LeaderboardColumn& column, bool reverse) {
  const bool descends =
      (column.kind == ColumnKind::kScore && !column.less_is_better) || column.key == "throughput";
  const auto before = [&](const LeaderboardRow* a, const LeaderboardRow* b) {
    const LeaderboardCell left = cell(*a, column), right = cell(*b, column);
    if (column.kind == ColumnKind::kText) return reverse ? right.text < left.text : left.text < right.text;
    if (!left.number || !right.number) return left.number.has_value() && !right.number.has_value();
    return descends != reverse ? *left.number > *right.number : *left.number < *right.number;
  };
  std::ranges::stable_sort(rows, before);
}

bool has_intervals(const std::vector<LeaderboardRow>& rows) {
  return std::ranges::any_of(rows, [](const LeaderboardRow& row) {
    return std::ranges::any_of(row.values,
                               [](const auto& entry) { return entry.second.interval.has_value(); });
  });
}

bool has_metric(const std::vector<LeaderboardRow>& rows, std::string_view name) {
  return std::ranges::any_of(rows, [&](const LeaderboardRow& row) {
    return std::ranges::any_of(row.values,
                               [&](const auto& entry) { return entry.first.second.starts_with(name); });
  });
}

LeaderboardTable make_table(std::vector<const LeaderboardRow*> rows, const LeaderboardOptions& options,
                            bool& sorted, Leaderboard& board) {
  LeaderboardTable table;
  table.task = rows.front()->task;
  table.title = task_title(table.task);
  table.columns = leaderboard_columns(rows);
  const LeaderboardColumn* by = find_column(table.columns, options.sort);
  sorted = sorted || by != nullptr;
  if (by == nullptr) {
    const auto score = std::ranges::find(table.columns, ColumnKind::kScore, &LeaderboardColumn::kind);
    if (score != table.columns.end()) by = &*score;
  }
  if (by != nullptr) sort_rows(rows, *by, options.reverse);
  for (const LeaderboardRow* row : rows) {
    LeaderboardLine line;
    line.published = row->published;
    for (const LeaderboardColumn& column : table.columns) line.cells.push_back(cell(*row, column));
    for (const std::string& note : row->footnotes) {
      const auto known = std::ranges::find(board.footnotes, note);
      line.notes.push_back(static_cast<std::size_t>(known - board.footnotes.begin()));
      if (known == board.footnotes.end()) board.footnotes.push_back(note);
    }
    table.lines.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].kind == ColumnKind::kScore) mark_best(rows, table, i, board.warnings);
  }
  return table;
}

}  // namespace

Leaderboard make_leaderboard(const std::vector<LeaderboardRow>& rows, const LeaderboardOptions& options) {
  std::vector<std::string> tasks;
  for (const LeaderboardRow& row : rows) {
    if (std::ranges::find(tasks, row.task) == tasks.end()) tasks.push_back(row.task);
  }
  Leaderboard board;
  bool sorted = options.sort.empty() || rows.empty();
  for (const std::string& task : tasks) {
    std::vector<const LeaderboardRow*> of_task;
    for (const LeaderboardRow& row : rows) {
      if (row.task == task) of_task.push_back(&row);
    }
    board.tables.push_back(make_table(std::move(of_task), options, sorted, board));
  }
  if (!sorted) {
    std::set<std::string> keys;
    for (const LeaderboardTable& table : board.tables) {
      for (const LeaderboardColumn& column : table.columns) keys.insert(column.key);
    }
    throw Error(ErrorCode::kUsage, fmt::format("there is no column \"{}\" to sort by; there are: {}",
                                               printable(options.sort, 60), fmt::join(keys, ", ")));
  }
  if (has_intervals(rows)) {
    board.remarks.emplace_back(
        "[low, high]: confidence interval of 95 %, by a bootstrap over clusters of samples (images, "
        "sentences)");
  }
  if (has_metric(rows, "ECE")) {
    board.remarks.emplace_back(
        "ECE: expected calibration error in per cent, 15 bins of confidence; less is better");
  }
  if (has_metric(rows, "at ")) {
    board.remarks.emplace_back(
        "at 80 %, at 90 %: accuracy on that share of the samples, those that the run is most sure of");
  }
  return board;
}

}  // namespace bteval::reports
