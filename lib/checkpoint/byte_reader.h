// A bounds-checked cursor over little-endian bytes of a checkpoint file.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace bteval::checkpoint {

/// Reads from `data`, which starts at byte `base` of the file `name`. Everything that would read behind the
/// end is an Error(kCheckpoint) naming file, record and offset.
class ByteReader {
 public:
  ByteReader(std::string_view data, std::string name, std::string record = "", std::uint64_t base = 0)
      : data_(data), name_(std::move(name)), record_(std::move(record)), base_(base) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return data_.size() - position_; }

  /// An unsigned or signed little-endian integer.
  template <std::integral T>
  T read(const char* what) {
    T value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::string_view take(std::uint64_t count, const char* what) {
    if (count > remaining()) {
      fail(fmt::format("ends in the middle of {} ({} bytes needed, {} left)", what, count, remaining()));
    }
    const std::string_view bytes = data_.substr(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return bytes;
  }

  /// Up to and without the next newline, which is skipped.
  std::string_view take_line(const char* what) {
    const std::size_t end = data_.find('\n', position_);
    if (end == std::string_view::npos) fail(fmt::format("ends in the middle of {}", what));
    const std::string_view line = data_.substr(position_, end - position_);
    position_ = end + 1;
    return line;
  }

  void seek(std::uint64_t position, const char* what) {
    if (position > data_.size()) {
      fail(fmt::format("{} would be at byte {}, behind the end ({} bytes)", what, base_ + position,
                       data_.size()));
    }
    position_ = static_cast<std::size_t>(position);
  }

  [[noreturn]] void fail(const std::string& message) const { fail_at(position_, message); }
  [[noreturn]] void fail_at(std::uint64_t position, const std::string& message) const {
    throw Error(ErrorCode::kCheckpoint, message, {name_, record_, base_ + position});
  }

 private:
  std::string_view data_;
  std::string name_;
  std::string record_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

}  // namespace bteval::checkpoint
