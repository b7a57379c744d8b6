#include "reports/table.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"

namespace bteval::reports {
namespace {

constexpr std::size_t kMaxCellBytes = 1000;

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cell(const Table& table, const std::vector<std::string>& row, std::size_t column) {
  if (row.size() > table.columns.size()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("a table row has {} cells for {} columns", row.size(), table.columns.size()));
  }
  return column < row.size() ? printable(row[column], kMaxCellBytes) : "";
}

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("|\\`*_<>[]").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string to_text(const Table& table) {
  const std::size_t n = table.columns.size();
  std::vector<std::size_t> widths(n);
  for (std::size_t i = 0; i < n; ++i) widths[i] = width(table.columns[i].title);
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < n; ++i) widths[i] = std::max(widths[i], width(cell(table, row, i)));
  }
  std::string out;
  const auto add_line = [&](const auto& text_of) {
    std::string line;
    for (std::size_t i = 0; i < n; ++i) {
      const std::string text = text_of(i);
      const std::string fill(widths[i] - width(text), ' ');
      line += i == 0 ? "" : "  ";
      line += table.columns[i].align == Align::kRight ? fill + text : text + fill;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add_line([&](std::size_t i) { return table.columns[i].title; });
  add_line([&](std::size_t i) { return std::string(widths[i], '-'); });
  for (const auto& row : table.rows) {
    add_line([&](std::size_t i) { return cell(table, row, i); });
  }
  return out;
}

std::string to_markdown(const Table& table) {
  std::string out = "|";
  for (const Column& column : table.columns) out += " " + markdown_cell(column.title) + " |";
  out += "\n|";
  for (const Column& column : table.columns) out += column.align == Align::kRight ? " ---: |" : " --- |";
  out += "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      out += " " + markdown_cell(cell(table, row, i)) + " |";
    out += "\n";
  }
  return out;
}

}  // namespace bteval::reports
