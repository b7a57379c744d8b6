// An open regular file that is read; what the readers and mappings of files are made of.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "core/error.h"

namespace bteval {

/// Closed when the object goes away. Failures that may pass are tried again (io_retry.h).
class InputFile {
 public:
  /// Throws Error(code) with the path where it is missing, no regular file or unreadable.
  InputFile(const std::filesystem::path& path, ErrorCode code);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int fd() const { return fd_; }
  /// When it was opened.
  std::size_t size() const { return size_; }
  /// Fills `out` from byte `offset` on. Error(code) where the file ends before that: it was shortened
  /// meanwhile.
  void read_at(std::size_t offset, std::span<std::byte> out) const;

 private:
  std::filesystem::path path_;
  ErrorCode code_;
  int fd_ = -1;
  std::size_t size_ = 0;
};

}  // namespace bteval
