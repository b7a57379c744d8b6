#include "core/error.h"
#include "reports/leaderboard_columns.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

/// Text that Markdown, and the HTML in it, takes as it stands.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : printable(text, 4096)) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      if (std::string_view("|\\`*_[]~#$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string cell_text(const LeaderboardLine& line, const LeaderboardColumn& column,
                      const LeaderboardCell& cell) {
  std::string text = escaped(cell.text);
  if (column.key == "name") {
    if (line.published) text = fmt::format("*{}*", text);
    for (const std::size_t note : line.notes) text += fmt::format(" \\[{}\\]", note + 1);
  }
  if (cell.mark == Mark::kBest) text = fmt::format("**{}**", text);
  if (cell.mark == Mark::kSecond) text = fmt::format("<u>{}</u>", text);
  if (cell.interval) text += fmt::format(" {}", escaped(interval_text(*cell.interval)));
  return text;
}

}  // namespace

std::string leaderboard_markdown(const Leaderboard& board) {
  std::string out;
  for (const LeaderboardTable& table : board.tables) {
    out += fmt::format("{}### {}\n\n|", out.empty() ? "" : "\n", escaped(table.title));
    for (const LeaderboardColumn& column : table.columns)
      out += fmt::format(" {} |", escaped(full_title(column)));
    out += "\n|";
    for (const LeaderboardColumn& column : table.columns)
      out += column.kind == ColumnKind::kText ? " --- |" : " ---: |";
    out += "\n";
    for (const LeaderboardLine& line : table.lines) {
      out += "|";
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        out += fmt::format(" {} |", cell_text(line, table.columns[i], line.cells[i]));
      out += "\n";
    }
  }
  for (const std::string& remark : board.remarks) out += fmt::format("\n{}\n", escaped(remark));
  if (!board.footnotes.empty()) out += "\n";
  for (std::size_t i = 0; i < board.footnotes.size(); ++i)
    out += fmt::format("{}. {}\n", i + 1, escaped(board.footnotes[i]));
  for (const std::string& warning : board.warnings) out += fmt::format("\n> Warning: {}\n", escaped(warning));
  return out;
}

}  // namespace bteval::reports
