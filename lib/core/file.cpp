#include "core/file.h"

#include <string>

#include "core/atomic_file.h"
#include "core/error.h"

namespace bteval {

void write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(ErrorCode::kData, fmt::format("cannot make the folder: {}", error.message()),
                {path.string(), "", std::nullopt});
  }
}

}  // namespace bteval
