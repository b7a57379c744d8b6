// Tables for terminals and for Markdown.
#pragma once

#include <string>
#include <vector>

namespace bteval::reports {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

/// Cells as text. A row shorter than `columns` is filled up with empty cells; a longer one is an internal
/// error.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Aligned columns two spaces apart, under the titles and a rule; every line ends with '\n' and has no
/// trailing blanks. Widths count code points. Control characters become \xNN.
std::string to_text(const Table& table);

/// A GitHub-flavoured Markdown table; '|', '\' and what Markdown or HTML would interpret are escaped, control
/// characters become \xNN.
std::string to_markdown(const Table& table);

}  // namespace bteval::reports
