// Numbers and strings in a row, as bytes: the payload of a journal's records.
//
// Numbers stand in the machine's byte order, which is little-endian wherever bteval runs: such bytes are read
// by the program that wrote them, not exchanged.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace bteval {

static_assert(std::endian::native == std::endian::little);

class Packer {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T>
  void put(T value) { put_bytes(&value, sizeof value); }
  void put(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    put_bytes(text.data(), text.size());
  }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void put(std::span<const T> values) {
    put(static_cast<std::uint64_t>(values.size()));
    put_bytes(values.data(), values.size_bytes());
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void put_bytes(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }

  std::string bytes_;
};

/// Takes apart what a Packer has put together. Error(kData) where there is less, or finish() finds more.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> T get() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string get_string() { return std::string(take(get<std::uint64_t>())); }
  /// How many items of at least `item_bytes` follow: no more than there are bytes for.
  std::uint64_t get_count(std::size_t item_bytes) {
    const auto count = get<std::uint64_t>();
    if (count > bytes_.size() / item_bytes) fail();
    return count;
  }
  template <typename T>
  requires std::is_arithmetic_v<T> std::vector<T> get_vector() {
    std::vector<T> values(get_count(sizeof(T)));
    const std::string_view taken = take(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), taken.data(), taken.size());
    return values;
  }
  void finish() const {
    if (!bytes_.empty()) fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw Error(ErrorCode::kData, "a record of another length than it says");
  }
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) fail();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace bteval
