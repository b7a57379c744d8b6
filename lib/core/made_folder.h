// A folder that does not outlive a failure.
#pragma once

#include <filesystem>
#include <vector>

namespace bteval {

/// Makes a folder, with those above it that are not there, and removes at its end those of them that nobody
/// has put anything into. A folder that was there before stays, empty or not. Error(kData) as make_folder().
class MadeFolder {
 public:
  explicit MadeFolder(const std::filesystem::path& path);
  ~MadeFolder();
  MadeFolder(MadeFolder&&) = default;
  MadeFolder& operator=(MadeFolder&&) = delete;
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // the innermost first
};

}  // namespace bteval
