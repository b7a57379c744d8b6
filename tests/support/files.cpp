#include "support/files.h"

#include <algorithm>
#include <stdexcept>

#include "core/bytes.h"
#include "core/file.h"

namespace bteval::testing {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) { return std::string(Bytes::map_file(file)->text()); }

std::vector<Json> json_lines_of(const fs::path& file) {
  std::vector<Json> lines;
  const std::string text = text_of(file);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(Json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = text_of(file);
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error(file.string() + " does not have " + from);
  write_file_atomic(file, text.replace(at, from.size(), to));
}

}  // namespace bteval::testing
