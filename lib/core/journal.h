// An append-only file of records that survives being killed at any moment.
//
// Layout: the line "bteval-journal 1", then frames of
//     size      4 bytes, little-endian: bytes of the payload
//     checksum  8 bytes: the first ones of SHA-256 over the frame before's checksum (of the first frame: over
//               none), the size and the payload
//     payload
// The first frame's payload is the header, which says what the records belong to. As each checksum covers the
// one before it, frames of another journal, or in another order, do not fit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace bteval {

/// The whole frames of a journal.
struct JournalFrames {
  std::optional<std::string_view> header;  ///< nothing where not even the first frame is whole
  std::size_t whole_bytes = 0;             ///< where the next frame goes: what follows is torn
};

/// Finds the whole frames at the beginning of a journal and hands the payload of each but the header to
/// `sink`. What follows the first frame that is cut off or has another checksum is not looked at: who writes
/// computes it again. Error(kData) where the file is not empty and begins unlike a journal.
JournalFrames read_journal(const Bytes& file, const std::function<void(std::string_view)>& sink = {});

/// A journal that this process, and no other, writes. Not thread-safe. Failures are Error(kData) naming the
/// file.
class Journal {
 public:
  /// Opens the file, or makes an empty one, and locks it (flock) until the object ends or the process dies.
  /// Error(kUsage) where another process holds it.
  explicit Journal(std::filesystem::path path);
  /// A journal without a header is removed.
  ~Journal();
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// The header as it was found, if there was a whole one.
  const std::optional<std::string>& header() const { return header_; }
  /// Bytes behind the last whole frame when the file was opened: of a frame that was being written.
  std::size_t torn_bytes() const { return torn_bytes_; }

  /// Hands the payloads that were found to `sink`, in order; an Error of its gets the file's name.
  void replay(const std::function<void(std::string_view)>& sink) const;
  /// Empties the journal and writes a header.
  void start(std::string_view header);
  /// Adds a record behind the last whole frame. Written at once, so that the death of the process loses
  /// nothing; synced when the last sync was a second ago, so that the death of the machine loses at most what
  /// a second's records took. Where the write fails, what it left is cut off again.
  void append(std::string_view payload);
  void sync();
  /// Removes the file: its work is done.
  void remove();

  const std::filesystem::path& path() const { return path_; }

 private:
  void open_locked();
  void write_frame(std::string_view payload);

  std::filesystem::path path_;
  int fd_ = -1;
  std::optional<std::string> header_;
  std::size_t end_ = 0, torn_bytes_ = 0;
  std::uint64_t checksum_ = 0;  // of the last whole frame
  std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
};

}  // namespace bteval
