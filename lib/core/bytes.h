// Read-only bytes with a name: a memory-mapped file, or a buffer in memory for tests and fuzzers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace bteval {

/// Immutable bytes that readers keep alive through a shared pointer. Safe to read from several threads.
///
/// A mapped file must not be shortened while it is open: reading behind its new end raises SIGBUS, as with
/// every program that maps files.
class Bytes {
 public:
  /// Maps a regular file. Throws Error(code) with the path where it is missing, no regular file or
  /// unreadable.
  static std::shared_ptr<const Bytes> map_file(const std::filesystem::path& path,
                                               ErrorCode code = ErrorCode::kData);

  /// Takes over a buffer; `name` stands for the path in messages.
  static std::shared_ptr<const Bytes> from_memory(std::string name, std::vector<std::byte> data);
  static std::shared_ptr<const Bytes> from_memory(std::string name, std::string_view data);

  virtual ~Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::span<const std::byte> span() const { return data_; }
  const std::byte* data() const { return data_.data(); }
  std::size_t size() const { return data_.size(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_.data()), data_.size()}; }
  const std::string& name() const { return name_; }

 protected:
  Bytes() = default;
  std::string name_;
  std::span<const std::byte> data_;
};

}  // namespace bteval
