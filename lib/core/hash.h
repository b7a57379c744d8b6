// SHA-256, through OpenSSL.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace bteval {

/// Hashes a stream of bytes. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> data);
  void update(std::string_view data);
  /// Lower-case hexadecimal digest (64 characters). The object must not be used afterwards.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256(std::span<const std::byte> data);
std::string sha256(std::string_view data);
/// Digest of a file's content; Error(code) where it cannot be read.
std::string sha256_file(const std::filesystem::path& path, ErrorCode code = ErrorCode::kData);

}  // namespace bteval
