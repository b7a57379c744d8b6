#include "metrics/four_streams.h"

#include <span>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define BTEVAL_AVX2 __attribute__((target("avx2")))
#endif

namespace bteval::metrics {
namespace {

using Streams = std::array<RandomBits, 4>;
using Outputs = std::array<std::uint32_t*, 4>;

#ifdef BTEVAL_AVX2

// A step gives eight numbers of each stream, from four words of 64 bits.
constexpr std::size_t kStep = 8;

// One state word of all four streams.
BTEVAL_AVX2 __m256i load_word(Streams& streams, std::size_t word) {
  return _mm256_set_epi64x(
      static_cast<long long>(streams[3].state()[word]), static_cast<long long>(streams[2].state()[word]),
      static_cast<long long>(streams[1].state()[word]), static_cast<long long>(streams[0].state()[word]));
}

template <int kBits>
BTEVAL_AVX2 __m256i rotate_left(__m256i x) {
  return _mm256_or_si256(_mm256_slli_epi64(x, kBits), _mm256_srli_epi64(x, 64 - kBits));
}

// RandomBits::next() of four streams.
BTEVAL_AVX2 __m256i next(__m256i (&s)[4]) {
  const __m256i result = _mm256_add_epi64(rotate_left<23>(_mm256_add_epi64(s[0], s[3])), s[0]);
  const __m256i shifted = _mm256_slli_epi64(s[1], 17);
  s[2] = _mm256_xor_si256(s[2], s[0]);
  s[3] = _mm256_xor_si256(s[3], s[1]);
  s[1] = _mm256_xor_si256(s[1], s[2]);
  s[0] = _mm256_xor_si256(s[0], s[3]);
  s[2] = _mm256_xor_si256(s[2], shifted);
  s[3] = rotate_left<45>(s[3]);
  return result;
}

// From words by place (one of each stream) to words by stream.
BTEVAL_AVX2 void store_by_stream(const __m256i (&words)[4], const Outputs& out, std::size_t at) {
  const __m256i even01 = _mm256_unpacklo_epi64(words[0], words[1]);
  const __m256i odd01 = _mm256_unpackhi_epi64(words[0], words[1]);
  const __m256i even23 = _mm256_unpacklo_epi64(words[2], words[3]);
  const __m256i odd23 = _mm256_unpackhi_epi64(words[2], words[3]);
  const auto store = [&](std::size_t k, __m256i x)
                         BTEVAL_AVX2 { _mm256_storeu_si256(reinterpret_cast<__m256i*>(out[k] + at), x); };
  store(0, _mm256_permute2x128_si256(even01, even23, 0x20));
  store(1, _mm256_permute2x128_si256(odd01, odd23, 0x20));
  store(2, _mm256_permute2x128_si256(even01, even23, 0x31));
  store(3, _mm256_permute2x128_si256(odd01, odd23, 0x31));
}

// As if no number were rejected; says which streams had none that had to be. `count` is a multiple of kStep.
BTEVAL_AVX2 std::array<bool, 4> fill_without_rejection(Streams& streams, std::uint32_t bound,
                                                       const Outputs& out, std::size_t count) {
  const std::uint32_t rejected_below = (0u - bound) % bound;
  const __m256i factor = _mm256_set1_epi64x(bound);
  const __m256i limit = _mm256_set1_epi32(static_cast<int>(rejected_below));
  __m256i state[4], words[4], kept = _mm256_set1_epi32(-1);
  for (std::size_t w = 0; w < 4; ++w) state[w] = load_word(streams, w);
  for (std::size_t at = 0; at < count; at += kStep) {
    for (__m256i& word : words) {
      const __m256i bits = next(state);
      const __m256i first = _mm256_mul_epu32(bits, factor);
      const __m256i second = _mm256_mul_epu32(_mm256_srli_epi64(bits, 32), factor);
      const __m256i low = _mm256_blend_epi32(first, _mm256_slli_epi64(second, 32), 0xaa);
      kept = _mm256_and_si256(kept, _mm256_cmpeq_epi32(_mm256_max_epu32(low, limit), low));
      word = _mm256_blend_epi32(_mm256_srli_epi64(first, 32), second, 0xaa);
    }
    store_by_stream(words, out, at);
  }
  for (std::size_t w = 0; w < 4; ++w) {
    alignas(32) std::uint64_t of_streams[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(of_streams), state[w]);
    for (std::size_t k = 0; k < 4; ++k) streams[k].state()[w] = of_streams[k];
  }
  const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(kept));
  std::array<bool, 4> whole{};
  for (std::size_t k = 0; k < 4; ++k) whole[k] = ((mask >> (8 * k)) & 0xff) == 0xff;
  return whole;
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

void fill_below_avx2(Streams& streams, std::uint32_t bound, const Outputs& out, std::size_t count) {
  const Streams before = streams;
  const std::size_t most = count / kStep * kStep;
  const std::array<bool, 4> whole = fill_without_rejection(streams, bound, out, most);
  for (std::size_t k = 0; k < 4; ++k) {
    if (whole[k]) {
      streams[k].fill_below(bound, std::span(out[k] + most, count - most));
    } else {  // all that follows a rejected number moves up
      streams[k] = before[k];
      streams[k].fill_below(bound, std::span(out[k], count));
    }
  }
}

#endif

}  // namespace

void fill_below(std::array<RandomBits, 4>& streams, std::uint32_t bound,
                const std::array<std::uint32_t*, 4>& out, std::size_t count) {
#ifdef BTEVAL_AVX2
  if (has_avx2() && count >= kStep) return fill_below_avx2(streams, bound, out, count);
#endif
  for (std::size_t k = 0; k < 4; ++k) streams[k].fill_below(bound, std::span(out[k], count));
}

}  // namespace bteval::metrics
