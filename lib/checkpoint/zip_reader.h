// The central directory of a zip archive with stored entries, as torch.save writes it
// (APPNOTE.TXT 6.3.10, 4.3).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace bteval::checkpoint {

struct ZipEntry {
  std::uint64_t offset = 0;  ///< of the content, from the start of the file
  std::uint64_t size = 0;    ///< as it lies in the file
  std::uint16_t method = 0;  ///< 0: stored
};

/// Whether the bytes start as a zip archive does.
bool looks_like_zip(std::string_view text);

/// Reads where every entry lies, zip64 included. Keeps the bytes alive; immutable.
///
/// Refuses, with Error(kCheckpoint) naming file, entry and offset: a missing or damaged directory (a
/// truncated file), compressed or encrypted entries, names that come twice, entries that overlap or leave the
/// file, and archives of several volumes. Checksums are not compared: PyTorch does not write them where told
/// so, and never compares them.
class ZipArchive {
 public:
  explicit ZipArchive(std::shared_ptr<const Bytes> bytes);

  /// By name; the names lie in the archive's bytes.
  const std::map<std::string_view, ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;
  /// An entry's bytes, still in the file. Error(kCheckpoint) where it is compressed: PyTorch stores.
  std::string_view content(std::string_view name, const ZipEntry& entry) const;
  const std::shared_ptr<const Bytes>& bytes() const { return bytes_; }

 private:
  std::shared_ptr<const Bytes> bytes_;
  std::map<std::string_view, ZipEntry> entries_;
};

}  // namespace bteval::checkpoint
