// Smaller passes where a device's memory does not suffice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "model/torch_compat.h"

namespace bteval::engine {

/// Rows of one pass through a part of the model.
class PassLimits {
 public:
  PassLimits(std::size_t images, std::size_t pairs) : images_(images), pairs_(pairs) {}

  std::size_t images() const { return images_; }
  std::size_t pairs() const { return pairs_; }
  /// How often lower() has halved them.
  std::uint64_t times_lowered() const { return times_lowered_; }

  /// Halves both; false where they are 1 already.
  bool lower() {
    if (images_ <= 1 && pairs_ <= 1) return false;
    images_ = std::max<std::size_t>(1, images_ / 2);
    pairs_ = std::max<std::size_t>(1, pairs_ / 2);
    ++times_lowered_;
    return true;
  }

 private:
  std::size_t images_, pairs_;
  std::uint64_t times_lowered_ = 0;
};

/// What `body(limits)` returns. Where it runs out of memory, everything that LibTorch's allocator keeps for
/// `device` is released and body called again with lower limits, which stay so: the next unit is as large.
/// Error(kDevice) where passes of one row do not fit either.
template <typename Body>
auto within_memory(PassLimits& limits, const at::Device& device, Body&& body) {
  while (true) {
    try {
      return body(std::as_const(limits));
    } catch (const model::OutOfMemory&) {
      if (!limits.lower()) throw;
    }
    // Not in the handler: what the failed attempt held is gone only now.
    model::release_cached_memory(device);
  }
}

}  // namespace bteval::engine
