#include "core/error.h"
#include "reports/html_parts.h"
#include "reports/leaderboard_columns.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Leaderboard</title>
<style>
:root { color-scheme: light dark; --text: #1b1f24; --page: #fff; --line: #c9d1d9; --soft: #59636e; --best: #0a6b2e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --page: #0d1117; --line: #3d444d; --soft: #9198a1; --best: #56d364; }
}
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-block: 2px solid var(--text); font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: left; white-space: nowrap; unicode-bidi: isolate; }
thead tr:last-child th { border-bottom: 1px solid var(--text); }
th.group { text-align: center; border-bottom: 1px solid var(--line); }
.n { text-align: right; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: normal; max-width: 30rem; overflow: hidden; text-overflow: ellipsis; }
.published { color: var(--soft); }
.published th { font-style: italic; }
.ci { color: var(--soft); font-size: .8em; }
strong { color: var(--best); }
ol { font-size: .85em; overflow-wrap: anywhere; }
a { color: inherit; }
@media print {
  :root { --text: #000; --page: #fff; --line: #999; --soft: #333; --best: #000; }
  body { margin: 0; font-size: 10pt; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
}
</style>
</head>
<body>
<h1>Leaderboard</h1>
)";

std::string cell_html(const LeaderboardLine& line, const LeaderboardColumn& column,
                      const LeaderboardCell& cell) {
  std::string text = html_text(cell.text);
  if (column.key == "name") {
    for (const std::size_t note : line.notes)
      text += fmt::format("<sup><a href=\"#note-{0}\">{0}</a></sup>", note + 1);
    return "<th scope=\"row\">" + text + "</th>";
  }
  if (cell.mark == Mark::kBest) text = "<strong>" + text + "</strong>";
  if (cell.mark == Mark::kSecond) text = "<u>" + text + "</u>";
  if (cell.interval) text += " <span class=\"ci\">" + interval_text(*cell.interval) + "</span>";
  return (column.kind == ColumnKind::kText ? "<td>" : "<td class=\"n\">") + text + "</td>";
}

std::string titles_html(const LeaderboardTable& table) {
  std::string groups, titles;
  bool any = false;
  for (std::size_t i = 0; i < table.columns.size();) {
    std::size_t end = i + 1;
    const std::string& group = table.columns[i].group;
    while (end < table.columns.size() && table.columns[end].group == group) ++end;
    any = any || !group.empty();
    groups += group.empty() ? fmt::format("<td colspan=\"{}\"></td>", end - i)
                            : fmt::format("<th scope=\"colgroup\" class=\"group\" colspan=\"{}\">{}</th>",
                                          end - i, html_text(group));
    i = end;
  }
  for (const LeaderboardColumn& column : table.columns) {
    titles += fmt::format("<th scope=\"col\"{}>{}</th>",
                          column.kind == ColumnKind::kText ? "" : " class=\"n\"", html_text(column.title));
  }
  return (any ? "<tr>" + groups + "</tr>\n" : "") + "<tr>" + titles + "</tr>\n";
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text, 4096)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string leaderboard_tables_html(const Leaderboard& board) {
  std::string out;
  for (const LeaderboardTable& table : board.tables) {
    out += "<h2>" + html_text(table.title) + "</h2>\n<div class=\"scroll\"><table>\n<thead>\n" +
           titles_html(table) + "</thead>\n<tbody>\n";
    for (const LeaderboardLine& line : table.lines) {
      out += line.published ? "<tr class=\"published\">" : "<tr>";
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        out += cell_html(line, table.columns[i], line.cells[i]);
      out += "</tr>\n";
    }
    out += "</tbody>\n</table></div>\n";
  }
  for (const std::string& remark : board.remarks) out += "<p>" + html_text(remark) + "</p>\n";
  for (const std::string& warning : board.warnings) out += "<p>Warning: " + html_text(warning) + "</p>\n";
  if (!board.footnotes.empty()) out += "<ol>\n";
  for (std::size_t i = 0; i < board.footnotes.size(); ++i)
    out += fmt::format("<li id=\"note-{}\">{}</li>\n", i + 1, html_text(board.footnotes[i]));
  if (!board.footnotes.empty()) out += "</ol>\n";
  return out;
}

std::string leaderboard_html(const Leaderboard& board) {
  return kHead + leaderboard_tables_html(board) + "</body>\n</html>\n";
}

std::string write_leaderboard(const Leaderboard& board, const std::string& format, bool styled) {
  if (format == "text") return leaderboard_text(board, styled);
  if (format == "markdown") return leaderboard_markdown(board);
  if (format == "latex") return leaderboard_latex(board);
  if (format == "csv") return leaderboard_csv(board);
  if (format == "json") return leaderboard_json(board);
  if (format == "html") return leaderboard_html(board);
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no format \"{}\": there are text, markdown, latex, csv, json and html",
                          printable(format, 40)));
}

}  // namespace bteval::reports
