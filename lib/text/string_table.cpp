#include "text/string_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bteval::text {
namespace {

constexpr std::size_t kSmallest = 16;

std::uint64_t load64(const char* data) {
  std::uint64_t value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

std::uint64_t load32(const char* data) {
  std::uint32_t value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9e3779b97f4a7c15ULL;
  return a ^ (a >> 32);
}

/// Fixed seed: the keys come from one vocabulary file, and texts are only looked up, never inserted.
std::uint32_t hash_of(std::string_view key) {
  const char* data = key.data();
  const std::size_t length = key.size();
  std::uint64_t state = length * 0xd6e8feb86659fd93ULL;
  if (length >= 8) {
    for (std::size_t i = 0; i + 8 < length; i += 8) state = mix(state, load64(data + i));
    state = mix(state, load64(data + length - 8));  // overlaps what came before
  } else if (length >= 4) {
    state = mix(state, (load32(data) << 32) | load32(data + length - 4));
  } else if (length > 0) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(data[i]));
    };
    state = mix(state, (byte(0) << 16) | (byte(length / 2) << 8) | byte(length - 1));
  }
  state = mix(state, state >> 29);
  return static_cast<std::uint32_t>(state >> 16);
}

std::size_t slots_for(std::size_t count) { return std::bit_ceil(std::max(kSmallest, count * 2)); }

}  // namespace

StringTable::StringTable(std::size_t count, std::size_t bytes) : slots_(slots_for(count)) {
  arena_.reserve(bytes);
}

std::size_t StringTable::slot_of(std::string_view key, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t index = hash & mask;
  for (;; index = (index + 1) & mask) {
    const Slot& slot = slots_[index];
    if (slot.value < 0) return index;
    if (slot.hash == hash && std::string_view(arena_.data() + slot.offset, slot.length) == key) return index;
  }
}

bool StringTable::insert(std::string_view key, std::int32_t value) {
  if ((size_ + 1) * 2 > slots_.size()) grow();
  const std::uint32_t hash = hash_of(key);
  Slot& slot = slots_[slot_of(key, hash)];
  if (slot.value >= 0) return false;
  slot = {hash, static_cast<std::uint32_t>(key.size()), arena_.size(), value};
  arena_ += key;
  ++size_;
  longest_ = std::max(longest_, key.size());
  return true;
}

std::int32_t StringTable::find(std::string_view key) const {
  return slots_[slot_of(key, hash_of(key))].value;
}

void StringTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.value < 0) continue;
    std::size_t index = slot.hash & mask;
    while (slots_[index].value >= 0) index = (index + 1) & mask;
    slots_[index] = slot;
  }
}

}  // namespace bteval::text
