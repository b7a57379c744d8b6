#include "datasets/csv_lines.h"

#include <algorithm>

#include "core/json.h"
#include "datasets/json_fields.h"

namespace bteval::datasets {

namespace {

std::string_view strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

bool CsvLine::is_blank() const { return !has_comma && !has_text(first); }

void read_csv_lines(const Bytes& file, const std::function<void(const CsvLine&)>& read) {
  const std::string_view text = file.text();
  // Says what an empty file or a Git LFS pointer is; any other text passes.
  if (!has_text(text) || text.starts_with("version https://git-lfs")) refuse_if_not_json(text, file.name());
  std::size_t begin = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = strip(text.substr(begin, end - begin));
    const std::size_t comma = content.find(',');
    CsvLine line{number, begin, content.substr(0, comma), {}, comma != std::string_view::npos};
    if (line.has_comma) line.second = content.substr(comma + 1);
    try {
      read(line);
    } catch (const Error& error) {
      throw error.with_context({file.name(), fmt::format("line {}", number), begin});
    }
    begin = end + 1;
  }
}

}  // namespace bteval::datasets
