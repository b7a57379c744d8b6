#include "datasets/folders.h"

#include <algorithm>
#include <system_error>

#include "core/error.h"
#include "core/io_retry.h"

namespace bteval::datasets {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) { return path_exists(path); }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::optional<fs::path> first_with(const std::vector<fs::path>& folders, const std::string& name) {
  for (const fs::path& folder : folders) {
    if (is_there(folder / name)) return folder / name;
  }
  return std::nullopt;
}

std::string join_paths(const std::vector<fs::path>& paths) {
  std::string out;
  for (const fs::path& path : paths) out += fmt::format("{}{}", out.empty() ? "" : ", ", path.string());
  return out;
}

void require_folder(const fs::path& root) {
  if (is_folder(root)) return;
  throw Error(ErrorCode::kData, is_there(root) ? "is no folder" : "the data folder does not exist",
              {root.string(), "", std::nullopt});
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace bteval::datasets
