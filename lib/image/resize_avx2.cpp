// The passes with AVX2. A weight has 24 bits with its sign, so it is split into weight = high * 65536 + low
// with both parts signed 16 bits; two multiply-adds of 16-bit pairs (pmaddwd) then stand for two taps of
// eight sums. All arithmetic is modulo 2^32, as in the portable pass, so the results are equal whatever the
// order.
#include "image/resize_kernels.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>

#define BTEVAL_AVX2 __attribute__((target("avx2")))

namespace bteval::image {
namespace {

constexpr int kRowsAtOnce = 4;

std::int32_t low_half(std::int32_t weight) { return static_cast<std::int16_t>(weight & 0xffff); }
std::int32_t high_half(std::int32_t weight) { return (weight - low_half(weight)) >> 16; }
std::int32_t pair(std::int32_t first, std::int32_t second) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(first) & 0xffff) |
                                   static_cast<std::uint32_t>(second) << 16);
}

/// For each group of four taps: the low halves of taps 0-1 and 2-3, then the high halves.
std::vector<std::int32_t> pack_groups(const Weights& weights) {
  std::vector<std::int32_t> packed(weights.value.size());
  for (std::size_t i = 0; i < packed.size(); i += 4) {
    const std::int32_t* w = weights.value.data() + i;
    packed[i + 0] = pair(low_half(w[0]), low_half(w[1]));
    packed[i + 1] = pair(low_half(w[2]), low_half(w[3]));
    packed[i + 2] = pair(high_half(w[0]), high_half(w[1]));
    packed[i + 3] = pair(high_half(w[2]), high_half(w[3]));
  }
  return packed;
}

/// (low sums + high sums * 65536) of both lanes, added: R, G, B and nothing of one pixel, before rounding.
BTEVAL_AVX2 inline __m128i combine(__m256i low, __m256i high) {
  const __m256i sum = _mm256_add_epi32(low, _mm256_slli_epi32(high, 16));
  return _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

BTEVAL_AVX2 void four_rows(const std::array<const std::uint8_t*, kRowsAtOnce>& rows, const Weights& weights,
                           const std::int32_t* packed, const std::array<std::uint8_t*, kRowsAtOnce>& out) {
  // Four packed pixels to pairs of 16-bit samples of neighbours, (r0 r1)(g0 g1)(b0 b1)(- -), pixels 0-1 in
  // the low lane and 2-3 in the high one.
  const __m256i spread = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                          6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m256i low_index = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  const __m256i high_index = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
  const __m128i half = _mm_set1_epi32(static_cast<int>(kHalf));
  const std::size_t width = weights.first.size();
  for (std::size_t x = 0; x < width; ++x) {
    const std::int32_t* group = packed + x * static_cast<std::size_t>(weights.taps);
    const std::size_t offset = static_cast<std::size_t>(weights.first[x]) * 3;
    __m256i low[kRowsAtOnce], high[kRowsAtOnce];
    for (int r = 0; r < kRowsAtOnce; ++r) low[r] = high[r] = _mm256_setzero_si256();
    for (int k = 0; k < weights.count[x]; k += 4) {
      const __m256i both =
          _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(group + k)));
      const __m256i low_weight = _mm256_permutevar8x32_epi32(both, low_index);
      const __m256i high_weight = _mm256_permutevar8x32_epi32(both, high_index);
      for (int r = 0; r < kRowsAtOnce; ++r) {
        const std::uint8_t* pixels =
            rows[static_cast<std::size_t>(r)] + offset + static_cast<std::size_t>(k) * 3;
        const __m256i loaded =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels)));
        const __m256i samples = _mm256_shuffle_epi8(loaded, spread);
        low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(samples, low_weight));
        high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(samples, high_weight));
      }
    }
    __m128i value[kRowsAtOnce];
    for (int r = 0; r < kRowsAtOnce; ++r) {
      value[r] = _mm_srai_epi32(_mm_add_epi32(combine(low[r], high[r]), half), kWeightBits);
    }
    const __m128i bytes =
        _mm_packus_epi16(_mm_packs_epi32(value[0], value[1]), _mm_packs_epi32(value[2], value[3]));
    // Four bytes a pixel: the fourth is overwritten by the next pixel, or lies in the slack behind the row.
    const std::array<int, kRowsAtOnce> stored = {_mm_extract_epi32(bytes, 0), _mm_extract_epi32(bytes, 1),
                                                 _mm_extract_epi32(bytes, 2), _mm_extract_epi32(bytes, 3)};
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) std::memcpy(out[r] + 3 * x, &stored[r], 4);
  }
}

void horizontal(const Rows& in, const Weights& weights, const MutableRows& out) {
  const std::vector<std::int32_t> packed = pack_groups(weights);
  std::vector<std::uint8_t> copies;  // of rows near the end of the buffer, where wide loads would pass it
  for (int y = 0; y < in.count; y += kRowsAtOnce) {
    std::array<const std::uint8_t*, kRowsAtOnce> rows{};
    std::array<std::uint8_t*, kRowsAtOnce> targets{};
    for (int r = 0; r < kRowsAtOnce; ++r) {
      const auto row =
          static_cast<std::size_t>(std::min(y + r, in.count - 1));  // the last one may come repeatedly
      const std::size_t offset = row * in.stride;
      rows[static_cast<std::size_t>(r)] = in.data + offset;
      targets[static_cast<std::size_t>(r)] = out.data + row * out.stride;
      if (offset + in.row_bytes + kRowSlack > in.readable) {
        const std::size_t size = in.row_bytes + kRowSlack;
        copies.resize(kRowsAtOnce * size);
        std::uint8_t* copy = copies.data() + static_cast<std::size_t>(r) * size;
        std::copy_n(in.data + offset, in.row_bytes, copy);
        rows[static_cast<std::size_t>(r)] = copy;
      }
    }
    four_rows(rows, weights, packed.data(), targets);
  }
}

/// The sums of 32 neighbouring bytes over all taps, to bytes.
BTEVAL_AVX2 inline void column_block(const std::uint8_t* in, std::size_t stride, int taps,
                                     const std::int32_t* low_pairs, const std::int32_t* high_pairs,
                                     std::uint8_t* out) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i low[4], high[4];
  for (int i = 0; i < 4; ++i) {
    low[i] = _mm256_set1_epi32(static_cast<int>(kHalf));
    high[i] = zero;
  }
  for (int k = 0; k < taps; k += 2) {
    const std::uint8_t* first = in + static_cast<std::size_t>(k) * stride;
    const std::uint8_t* second = k + 1 < taps ? first + stride : first;  // its weight is 0 then
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(second));
    const __m256i front = _mm256_unpacklo_epi8(a, b);
    const __m256i back = _mm256_unpackhi_epi8(a, b);
    const __m256i samples[4] = {_mm256_unpacklo_epi8(front, zero), _mm256_unpackhi_epi8(front, zero),
                                _mm256_unpacklo_epi8(back, zero), _mm256_unpackhi_epi8(back, zero)};
    const __m256i low_weight = _mm256_set1_epi32(low_pairs[k / 2]);
    const __m256i high_weight = _mm256_set1_epi32(high_pairs[k / 2]);
    for (int i = 0; i < 4; ++i) {
      low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(samples[i], low_weight));
      high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(samples[i], high_weight));
    }
  }
  __m256i value[4];
  for (int i = 0; i < 4; ++i) {
    value[i] = _mm256_srai_epi32(_mm256_add_epi32(low[i], _mm256_slli_epi32(high[i], 16)), kWeightBits);
  }
  const __m256i bytes =
      _mm256_packus_epi16(_mm256_packs_epi32(value[0], value[1]), _mm256_packs_epi32(value[2], value[3]));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
}

BTEVAL_AVX2 void vertical(const Rows& in, const Weights& weights, const MutableRows& out) {
  constexpr std::size_t kBlock = 32;
  if (in.row_bytes < kBlock) return portable_kernels().vertical(in, weights, out);
  std::vector<std::int32_t> low(static_cast<std::size_t>(weights.taps) / 2), high(low.size());
  for (std::size_t y = 0; y < weights.first.size(); ++y) {
    const std::int32_t* w = weights.of(static_cast<int>(y));
    for (std::size_t i = 0; i < low.size(); ++i) {
      low[i] = pair(low_half(w[2 * i]), low_half(w[2 * i + 1]));
      high[i] = pair(high_half(w[2 * i]), high_half(w[2 * i + 1]));
    }
    const std::uint8_t* row = in.data + static_cast<std::size_t>(weights.first[y]) * in.stride;
    std::uint8_t* target = out.data + y * out.stride;
    for (std::size_t i = 0; i < in.row_bytes; i += kBlock) {
      const std::size_t at = std::min(i, in.row_bytes - kBlock);  // the last block overlaps the one before
      column_block(row + at, in.stride, weights.count[y], low.data(), high.data(), target + at);
    }
  }
}

}  // namespace

const Kernels* avx2_kernels() {
  static constexpr Kernels kKernels{"AVX2", horizontal, vertical};
  static const bool supported = __builtin_cpu_supports("avx2") != 0;
  return supported ? &kKernels : nullptr;
}

}  // namespace bteval::image

#else

namespace bteval::image {

const Kernels* avx2_kernels() { return nullptr; }

}  // namespace bteval::image

#endif
