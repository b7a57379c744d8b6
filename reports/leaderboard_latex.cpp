#include <map>

#include "core/error.h"
#include "core/utf8.h"
#include "reports/leaderboard_columns.h"
#include "reports/leaderboard_writers.h"

namespace bteval::reports {
namespace {

/// Text that LaTeX sets as it stands. What pdfLaTeX's fonts may not have becomes its code point.
std::string escaped(const std::string& text) {
  static const std::map<char, const char*> kSpecial = {{'\\', "\\textbackslash{}"},
                                                       {'{', "\\{"},
                                                       {'}', "\\}"},
                                                       {'$', "\\$"},
                                                       {'&', "\\&"},
                                                       {'#', "\\#"},
                                                       {'%', "\\%"},
                                                       {'_', "\\_"},
                                                       {'^', "\\textasciicircum{}"},
                                                       {'~', "\\textasciitilde{}"},
                                                       {'<', "\\textless{}"},
                                                       {'>', "\\textgreater{}"},
                                                       {'|', "\\textbar{}"},
                                                       {'"', "\\textquotedbl{}"},
                                                       {'`', "\\textasciigrave{}"},
                                                       {'\'', "\\textquotesingle{}"},
                                                       {'-', "{-}"}};
  const std::string clean = printable(text, 4096);
  std::string out;
  for (std::size_t at = 0; at < clean.size();) {
    const char c = clean[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      const auto special = kSpecial.find(c);
      out += special == kSpecial.end() ? std::string(1, c) : special->second;
      ++at;
      continue;
    }
    const std::size_t start = at;
    const auto code = static_cast<std::uint32_t>(utf8_decode(clean, at));
    // Latin-1 and Latin Extended-A letters are in the T1 encoding; "…" is what printable() ends a cut with.
    const bool is_letter = code >= 0xc0 && code <= 0x17f && code != 0xd7 && code != 0xf7;
    if (code == 0x2026) {
      out += "\\ldots{}";
    } else if (is_letter) {
      out += clean.substr(start, at - start);
    } else {
      out += fmt::format("U+{:04X}", code);
    }
  }
  return out;
}

/// A long line may break behind the signs that join its parts.
std::string breakable(const std::string& text) {
  std::string out;
  std::string part;
  for (const char c : text) {
    part += c;
    if (c != '|' && c != '/' && c != ':') continue;
    out += escaped(part) + "\\allowbreak{}";
    part.clear();
  }
  return out + escaped(part);
}

std::string cell_text(const LeaderboardLine& line, const LeaderboardColumn& column,
                      const LeaderboardCell& cell) {
  std::string text = escaped(cell.text);
  if (column.key == "name") {
    if (line.published) text = "\\textit{" + text + "}";
    for (std::size_t i = 0; i < line.notes.size(); ++i)
      text += fmt::format("{}{}{}", i == 0 ? "\\textsuperscript{" : ",", line.notes[i] + 1,
                          i + 1 == line.notes.size() ? "}" : "");
  }
  if (cell.mark == Mark::kBest) text = "\\textbf{" + text + "}";
  if (cell.mark == Mark::kSecond) text = "\\underline{" + text + "}";
  if (cell.interval) text += "\\,{\\tiny " + interval_text(*cell.interval) + "}";
  return text;
}

std::string group_titles(const LeaderboardTable& table) {
  std::string titles, rules;
  bool any = false;
  for (std::size_t i = 0; i < table.columns.size();) {
    std::size_t end = i + 1;
    const std::string& group = table.columns[i].group;
    while (end < table.columns.size() && !group.empty() && table.columns[end].group == group) ++end;
    titles += i == 0 ? "" : " & ";
    if (!group.empty()) {
      any = true;
      titles += fmt::format("\\multicolumn{{{}}}{{c}}{{{}}}", end - i, escaped(group));
      rules += fmt::format("\\cmidrule(lr){{{}-{}}}", i + 1, end);
    }
    i = end;
  }
  return any ? titles + " \\\\\n" + rules + "\n" : "";
}

std::string table_text(const LeaderboardTable& table) {
  std::string out = "\\begin{table}\n\\centering\n\\caption{" + escaped(table.title) + "}\n\\begin{tabular}{";
  for (const LeaderboardColumn& column : table.columns) out += column.kind == ColumnKind::kText ? 'l' : 'r';
  out += "}\n\\toprule\n" + group_titles(table);
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    out += (i == 0 ? "" : " & ") + escaped(table.columns[i].title);
  out += " \\\\\n\\midrule\n";
  for (const LeaderboardLine& line : table.lines) {
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      out += (i == 0 ? "" : " & ") + cell_text(line, table.columns[i], line.cells[i]);
    out += " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

}  // namespace

std::string leaderboard_latex(const Leaderboard& board) {
  std::string out = "% Needs \\usepackage[T1]{fontenc}, \\usepackage{textcomp} and \\usepackage{booktabs}.\n";
  for (const LeaderboardTable& table : board.tables) out += table_text(table);
  for (const std::string& remark : board.remarks)
    out += "\\par\\noindent{\\footnotesize " + escaped(remark) + "\\par}\n";
  if (!board.footnotes.empty()) out += "\\par\\noindent{\\footnotesize\\raggedright\n";
  for (std::size_t i = 0; i < board.footnotes.size(); ++i)
    out += fmt::format("\\textsuperscript{{{}}}~{}\\par\n", i + 1, breakable(board.footnotes[i]));
  if (!board.footnotes.empty()) out += "}\n";
  for (const std::string& warning : board.warnings)
    out += "\\par\\noindent Warning: " + escaped(warning) + "\n";
  return out;
}

}  // namespace bteval::reports
