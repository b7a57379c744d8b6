#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "reports/leaderboard_columns.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

/// A field of RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it.
std::string field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// The shortest digits that give the number back.
std::string digits(double number) {
  if (number == static_cast<double>(static_cast<std::int64_t>(number)))
    return std::to_string(static_cast<std::int64_t>(number));
  return OrderedJson(number).dump();
}

std::vector<std::string> all_keys(const Leaderboard& board) {
  std::vector<std::string> keys;
  for (const LeaderboardTable& table : board.tables) {
    auto at = keys.begin();
    for (const LeaderboardColumn& column : table.columns) {
      const auto known = std::ranges::find(keys, column.key);
      at = known == keys.end() ? keys.insert(at, column.key) : known;
      ++at;
    }
  }
  return keys;
}

std::set<std::string> keys_with_intervals(const Leaderboard& board) {
  std::set<std::string> keys;
  for (const LeaderboardTable& table : board.tables) {
    for (const LeaderboardLine& line : table.lines) {
      for (std::size_t i = 0; i < line.cells.size(); ++i) {
        if (line.cells[i].interval) keys.insert(table.columns[i].key);
      }
    }
  }
  return keys;
}

}  // namespace

std::string leaderboard_csv(const Leaderboard& board) {
  const std::vector<std::string> keys = all_keys(board);
  const std::set<std::string> with_interval = keys_with_intervals(board);
  std::vector<std::string> fields = {"task"};
  for (const std::string& key : keys) {
    fields.push_back(field(key));
    if (!with_interval.contains(key)) continue;
    fields.push_back(field(fmt::format("{} low", key)));
    fields.push_back(field(fmt::format("{} high", key)));
  }
  fields.emplace_back("footnotes");
  std::string out = fmt::format("{}\r\n", fmt::join(fields, ","));
  for (const LeaderboardTable& table : board.tables) {
    for (const LeaderboardLine& line : table.lines) {
      fields = {field(table.task)};
      for (const std::string& key : keys) {
        const auto column = std::ranges::find(table.columns, key, &LeaderboardColumn::key);
        LeaderboardCell cell;
        if (column != table.columns.end())
          cell = line.cells[static_cast<std::size_t>(column - table.columns.begin())];
        fields.push_back(cell.number ? digits(*cell.number) : field(cell.text));
        if (!with_interval.contains(key)) continue;
        fields.push_back(cell.interval ? digits(cell.interval->low) : std::string());
        fields.push_back(cell.interval ? digits(cell.interval->high) : std::string());
      }
      std::vector<std::string> notes;
      for (const std::size_t note : line.notes) notes.push_back(board.footnotes[note]);
      fields.push_back(field(fmt::format("{}", fmt::join(notes, "\n"))));
      out += fmt::format("{}\r\n", fmt::join(fields, ","));
    }
  }
  return out;
}

}  // namespace bteval::reports
