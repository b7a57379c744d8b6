#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "reports/leaderboard_columns.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

constexpr std::size_t kMaxNameBytes = 60;
constexpr std::string_view kBold = "\x1b[1;32m", kUnderline = "\x1b[4m", kDim = "\x1b[2m", kReset = "\x1b[0m";

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// A cell before it is laid out: the part that is styled, what stands before and behind it.
struct Piece {
  std::string text, behind;
  std::string_view style;
  std::size_t behind_point = 0;  ///< characters from the decimal point on, for numbers
};

std::size_t from_point(const std::string& number) {
  const std::size_t point = number.find('.');
  return point == std::string::npos ? 0 : number.size() - point;
}

Piece piece_of(const LeaderboardLine& line, const LeaderboardColumn& column, const LeaderboardCell& cell,
               bool styled) {
  Piece piece;
  piece.text = printable(cell.text, kMaxNameBytes);
  if (column.kind == ColumnKind::kText) {
    if (column.key == "name") {
      for (const std::size_t note : line.notes) piece.behind += fmt::format(" [{}]", note + 1);
    }
    if (styled && line.published) piece.style = kDim;
    return piece;
  }
  piece.behind_point = from_point(piece.text);
  if (cell.mark == Mark::kBest && styled) piece.style = kBold;
  if (cell.mark == Mark::kSecond && styled) piece.style = kUnderline;
  if (!styled && cell.mark != Mark::kNone) {
    piece.text.push_back(cell.mark == Mark::kBest ? '*' : '+');
    ++piece.behind_point;
  }
  if (cell.interval) piece.behind += fmt::format(" {}", interval_text(*cell.interval));
  return piece;
}

/// The widths of one column: before the point (or of a whole text), from the point on, and behind.
struct Widths {
  std::size_t before = 0, point = 0, behind = 0;
  std::size_t total() const { return before + point + behind; }
};

std::string laid_out(const Piece& piece, const Widths& widths, bool is_text) {
  const std::string styled =
      piece.style.empty() ? piece.text : std::string(piece.style) + piece.text + std::string(kReset);
  if (is_text) {
    const std::size_t used = width(piece.text) + width(piece.behind);
    return styled + piece.behind + std::string(widths.total() - used, ' ');
  }
  const std::size_t before = width(piece.text) - piece.behind_point;
  return std::string(widths.before - before, ' ') + styled +
         std::string(widths.point - piece.behind_point, ' ') + piece.behind +
         std::string(widths.behind - width(piece.behind), ' ');
}

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

/// Titles in two lines: a group above its first column, titles below.
void add_titles(const LeaderboardTable& table, const std::vector<std::size_t>& widths, std::string& out) {
  std::string groups, titles, rule;
  std::size_t start = 0;  // where the next column begins
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const LeaderboardColumn& column = table.columns[i];
    const std::string title = printable(column.title, kMaxNameBytes);
    const std::string fill(widths[i] - width(title), ' ');
    const std::string gap = i == 0 ? "" : "  ";
    titles += gap + (column.kind == ColumnKind::kText ? title + fill : fill + title);
    rule += gap + std::string(widths[i], '-');
    if (!column.group.empty() && (i == 0 || table.columns[i - 1].group != column.group)) {
      const std::size_t at = start + gap.size();
      groups += std::string(at > width(groups) ? at - width(groups) : 1, ' ');
      groups += printable(column.group, kMaxNameBytes);
    }
    start += gap.size() + widths[i];
  }
  if (!groups.empty()) add_line(out, groups);
  add_line(out, titles);
  add_line(out, rule);
}

void add_table(const LeaderboardTable& table, bool styled, std::string& out) {
  std::vector<std::vector<Piece>> pieces;
  std::vector<Widths> widths(table.columns.size());
  std::vector<std::size_t> totals;
  for (const LeaderboardLine& line : table.lines) {
    pieces.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      Piece piece = piece_of(line, table.columns[i], line.cells[i], styled);
      const bool is_text = table.columns[i].kind == ColumnKind::kText;
      Widths& of = widths[i];
      of.before = std::max(of.before, width(piece.text) - piece.behind_point +
                                          (is_text ? width(piece.behind) : std::size_t{0}));
      of.point = std::max(of.point, piece.behind_point);
      if (!is_text) of.behind = std::max(of.behind, width(piece.behind));
      pieces.back().push_back(std::move(piece));
    }
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::size_t title = width(printable(table.columns[i].title, kMaxNameBytes));
    if (title > widths[i].total()) widths[i].before += title - widths[i].total();
    totals.push_back(widths[i].total());
  }
  out += printable(table.title, kMaxNameBytes) + "\n";
  add_titles(table, totals, out);
  for (const auto& line : pieces) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += (i == 0 ? "" : "  ") + laid_out(line[i], widths[i], table.columns[i].kind == ColumnKind::kText);
    }
    add_line(out, text);
  }
}

bool has_marks(const Leaderboard& board) {
  for (const LeaderboardTable& table : board.tables) {
    for (const LeaderboardLine& line : table.lines) {
      if (!std::ranges::all_of(line.cells, [](const auto& cell) { return cell.mark == Mark::kNone; }))
        return true;
    }
  }
  return false;
}

}  // namespace

std::string leaderboard_text(const Leaderboard& board, bool styled) {
  std::string out;
  for (const LeaderboardTable& table : board.tables) {
    if (!out.empty()) out += "\n";
    add_table(table, styled, out);
  }
  out += "\n";
  if (!styled && has_marks(board)) out += "* best, + second\n";
  for (const std::string& remark : board.remarks) out += remark + "\n";
  for (std::size_t i = 0; i < board.footnotes.size(); ++i)
    out += fmt::format("[{}] {}\n", i + 1, printable(board.footnotes[i], 4096));
  for (const std::string& warning : board.warnings)
    out += fmt::format("warning: {}\n", printable(warning, 4096));
  return out;
}

}  // namespace bteval::reports
