#include "core/made_folder.h"

#include <system_error>
#include <utility>

#include "core/file.h"

namespace bteval {

namespace fs = std::filesystem;

MadeFolder::MadeFolder(const fs::path& path) {
  std::vector<fs::path> missing;
  std::error_code ignored;  // make_folder() says what is wrong
  const fs::path whole = fs::absolute(path, ignored);
  for (fs::path folder = whole; folder.has_relative_path() && !fs::exists(folder, ignored);
       folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  make_folder(path);
  made_ = std::move(missing);
}

MadeFolder::~MadeFolder() {
  std::error_code error;
  for (const fs::path& folder : made_) {
    fs::remove(folder, error);  // which removes no folder that holds something
    if (error) return;
  }
}

}  // namespace bteval
