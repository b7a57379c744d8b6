#include "text/pair_table.h"

#include <algorithm>
#include <bit>

namespace bteval::text {

PairTable::PairTable(std::size_t count) : slots_(std::bit_ceil(std::max<std::size_t>(16, count * 2))) {}

void PairTable::insert(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t key = key_of(left, right);
  const std::size_t mask = slots_.size() - 1;
  std::size_t index = hash_of(key) & mask;
  while (slots_[index].key != key && slots_[index].key != kFree) index = (index + 1) & mask;
  slots_[index] = {key, merge};
}

}  // namespace bteval::text
