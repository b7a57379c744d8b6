// What happens when a mapped file cannot be read any more.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "core/error.h"

namespace bteval {

/// Reading a page of a mapped file that was shortened, or whose file system has failed, raises SIGBUS in the
/// middle of whatever reads it. From this call on, the process then prints one line naming the file and ends
/// with the exit status of the code that the file was opened with, instead of dumping core; a run's journal
/// stays as it is. SIGBUS elsewhere ends the process as before.
void install_mapped_guard();

/// Tells the guard of a mapping; 256 at once, of others the line does not know the name.
class MappedGuard {
 public:
  MappedGuard(std::span<const std::byte> mapped, const std::filesystem::path& path, ErrorCode code);
  ~MappedGuard();
  MappedGuard(const MappedGuard&) = delete;
  MappedGuard& operator=(const MappedGuard&) = delete;

 private:
  void* slot_ = nullptr;
};

}  // namespace bteval
