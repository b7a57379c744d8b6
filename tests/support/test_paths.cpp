#include "support/test_paths.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bteval::testing {

namespace fs = std::filesystem;

fs::path source_dir() { return BTEVAL_SOURCE_DIR; }

fs::path golden_data(const std::string& relative) { return source_dir() / "tests/golden/data" / relative; }

std::optional<fs::path> test_data_dir() {
  if (const char* named = std::getenv("BTEVAL_TEST_DATA"); named != nullptr && *named != '\0') {
    if (!fs::is_directory(named))
      throw std::runtime_error(std::string("BTEVAL_TEST_DATA is no folder: ") + named);
    return fs::path(named);
  }
  const fs::path beside = source_dir().parent_path() / "shared/data";
  if (fs::is_directory(beside)) return beside;
  return std::nullopt;
}

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "bteval-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a temporary folder: " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace bteval::testing
