// Streaming into a file that appears only when it is complete.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace bteval {

/// Writes to a temporary file beside `path`; commit() syncs it and renames it over `path`. Without a commit
/// the temporary file is removed and `path` stays as it was. Not thread-safe. Every failure is an
/// Error(kData) naming `path`.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> data);
  void write(std::string_view data);
  void commit();

  /// Whether a path looks like the temporary file of a process that was killed before commit().
  static bool is_temporary(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;
  std::string temporary_;
  int fd_ = -1;
};

}  // namespace bteval
