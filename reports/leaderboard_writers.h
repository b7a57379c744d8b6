// One writer a format of a leaderboard. The same leaderboard gives the same bytes; everything that comes from
// data is escaped.
#pragma once

#include <string>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// For terminals: aligned columns, decimal points below each other. With `styled`, best is bold and green,
/// second underlined, published dim, by ANSI escape sequences; without, plain text with '*' behind the best
/// and '+' behind the second number.
std::string leaderboard_text(const Leaderboard& board, bool styled);

/// GitHub-flavoured Markdown: best **bold**, second <u>underlined</u>, published names in italics.
std::string leaderboard_markdown(const Leaderboard& board);

/// A fragment of LaTeX with one table environment a task, rules by booktabs. Its first line says which
/// packages it needs.
std::string leaderboard_latex(const Leaderboard& board);

/// RFC 4180, UTF-8: one header over the union of all tables' columns, "task" before them; behind a score that
/// has an interval anywhere, "KEY low" and "KEY high"; "footnotes" at the end. Numbers with all their digits.
std::string leaderboard_csv(const Leaderboard& board);

/// {"schema": 1, "tables": [{"task", "title", "columns": [...], "rows": [...]}], "footnotes", "warnings"}.
std::string leaderboard_json(const Leaderboard& board);

/// One self-contained HTML document without scripts: light and dark by the reader's setting, printable.
std::string leaderboard_html(const Leaderboard& board);

/// A writer by the name of its format: "text", "markdown", "latex", "csv", "json", "html". Error(kUsage) for
/// another one. `styled` is for text alone.
std::string write_leaderboard(const Leaderboard& board, const std::string& format, bool styled = false);

}  // namespace bteval::reports
