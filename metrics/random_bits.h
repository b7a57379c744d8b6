// Random numbers that are the same on every machine and for any number of threads.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bteval::metrics {

/// The finaliser of splitmix64 (Steele, Lea and Flood, 2014): a bijection whose output shows no trace of the
/// order of its inputs.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// xoshiro256++ 1.0 (Blackman and Vigna, 2019), one stream a resample: stream `i` of a seed depends on the
/// two numbers only, so that resamples may be computed in any order and by any thread.
class RandomBits {
 public:
  RandomBits(std::uint64_t seed, std::uint64_t stream) {
    // The state is four consecutive outputs of splitmix64, as its authors recommend.
    std::uint64_t x = mix64(seed + kStep) ^ mix64(~stream * kStep);
    for (std::uint64_t& word : state_) word = mix64(x += kStep);
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Fills `out` with numbers below `bound` (> 0), all equally likely: multiplication with rejection (Lemire,
  /// 2019, "Fast random integer generation in an interval"), two numbers from each 64 bits.
  template <typename Span>
  void fill_below(std::uint32_t bound, Span out) {
    const std::uint32_t rejected_below = (0u - bound) % bound;
    std::uint64_t bits = 0;
    bool has_half = false;
    for (auto& value : out) {
      std::uint64_t product = 0;
      do {
        if (has_half) {
          bits >>= 32;
        } else {
          bits = next();
        }
        has_half = !has_half;
        product = (bits & 0xffffffffu) * bound;
      } while (static_cast<std::uint32_t>(product) < rejected_below);
      value = static_cast<std::uint32_t>(product >> 32);
    }
  }

  /// For those who draw from several streams at once.
  std::array<std::uint64_t, 4>& state() { return state_; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace bteval::metrics
