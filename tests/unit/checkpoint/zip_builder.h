// Makes zip archives in memory, also wrong ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace bteval::checkpoint {

struct ZipBuilder {
  struct Item {
    std::string name;
    std::string content;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    bool zip64 = false;  ///< sizes and offset in the zip64 extra field
  };
  std::vector<Item> items;
  bool zip64_end = false;
  std::string comment;

  ZipBuilder& add(std::string name, std::string content);
  std::string build() const;
  std::shared_ptr<const Bytes> bytes(const std::string& name = "test.ckpt") const;
};

/// Appends an integer, little-endian.
template <typename T>
void append_le(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

}  // namespace bteval::checkpoint
