// Input files that are hashed while they are read.
#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "core/bytes.h"
#include "records/source_file.h"

namespace bteval::datasets {

/// Maps a file and computes its SHA-256 on a second thread, so that reading does not wait for it.
class HashedFile {
 public:
  /// Error(kData) where the file cannot be mapped.
  HashedFile(std::string role, const std::filesystem::path& path);

  const Bytes& bytes() const { return *bytes_; }
  /// For what keeps views of the file.
  const std::shared_ptr<const Bytes>& shared_bytes() const { return bytes_; }
  /// Waits for the digest. Call it once.
  records::SourceFile source();

 private:
  std::string role_;
  std::shared_ptr<const Bytes> bytes_;
  std::future<std::string> digest_;
};

}  // namespace bteval::datasets
