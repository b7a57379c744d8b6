#include "model/attention_kernel.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string_view>

#define BTEVAL_AVX512 __attribute__((target("avx512f")))

namespace bteval::model {
namespace {

constexpr std::int64_t kLanes = 16;         // float32 values of a register
constexpr std::int64_t kRows = 8;           // queries at a time
constexpr std::int64_t kHalf = 2 * kLanes;  // channels of the values at a time, likewise
constexpr std::int64_t kTile = 3 * kLanes;  // keys at a time: 8 x 3 sums leave registers for the operands
constexpr float kScale = 0.125F;            // 1 / √64, a power of two: scaling the queries rounds nothing
constexpr std::int64_t kChannels = kKernelChannels;

/// scores[r, 0..16 * kVectors) = Σ_c queries[c, r] * keys[c, ...] for the eight rows r.
template <int kVectors>
BTEVAL_AVX512 void score_tile(const float* queries, const float* keys, float* scores, std::int64_t stride) {
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_ps();
  for (std::int64_t c = 0; c < kChannels; ++c) {
    __m512 key[kVectors];
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) key[v] = _mm512_loadu_ps(keys + (c * kVectors + v) * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m512 query = _mm512_set1_ps(queries[c * kRows + r]);
#pragma GCC unroll 3
      for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_fmadd_ps(query, key[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 3
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(scores + r * stride + v * kLanes, sums[r][v]);
}

/// e^x for x <= 0 or NaN, to about one unit in the last place; 0 below -64. Beside the greatest weight, which
/// is 1, those are far below rounding; as denormal numbers they and their products would be slow.
BTEVAL_AVX512 inline __m512 exponential(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // x - n ln 2, with ln 2 in two parts: the first has so few digits that n times it is exact.
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
  // e^r for |r| <= ln 2 / 2: the Taylor series, whose next term is below 2^-27.
  __m512 p = _mm512_set1_ps(1.0F / 5040);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 720));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  const __mmask16 counts = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-64.0F), _CMP_NLT_UQ);  // NaN counts
  return _mm512_maskz_scalef_ps(counts, p, n);
}

BTEVAL_AVX512 std::array<float, kLanes> values_of(__m512 values) {
  std::array<float, kLanes> result;
  _mm512_storeu_ps(result.data(), values);
  return result;
}

/// Replaces a row of scores by e^(score + bias - greatest) and returns the sum. Rows end on a whole register.
BTEVAL_AVX512 float exponentiate(float* scores, const float* bias, std::int64_t padded) {
  const auto biased = [&](std::int64_t k) BTEVAL_AVX512 {
    return _mm512_add_ps(_mm512_loadu_ps(scores + k), _mm512_loadu_ps(bias + k));
  };
  __m512 greatest = biased(0);
  for (std::int64_t k = kLanes; k < padded; k += kLanes) greatest = _mm512_max_ps(greatest, biased(k));
  const __m512 all_greatest = _mm512_set1_ps(std::ranges::max(values_of(greatest)));
  __m512 sum = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < padded; k += kLanes) {
    const __m512 e = exponential(_mm512_sub_ps(biased(k), all_greatest));
    _mm512_storeu_ps(scores + k, e);
    sum = _mm512_add_ps(sum, e);
  }
  const std::array<float, kLanes> sums = values_of(sum);
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

/// out[r, 0..32) = Σ_k weights[r, k] values[k, 0..32) / sums[r] for the first `rows` of the eight rows.
BTEVAL_AVX512 void mix_values(const float* weights, std::int64_t stride, const float* values,
                              std::int64_t count, const float* sums, std::int64_t rows, float* out,
                              std::int64_t out_stride) {
  __m512 low[kRows], high[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) low[r] = high[r] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < count; ++k) {
    const __m512 value_low = _mm512_loadu_ps(values + k * kHalf);
    const __m512 value_high = _mm512_loadu_ps(values + k * kHalf + kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m512 weight = _mm512_set1_ps(weights[r * stride + k]);
      low[r] = _mm512_fmadd_ps(weight, value_low, low[r]);
      high[r] = _mm512_fmadd_ps(weight, value_high, high[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    if (r >= rows) break;
    const __m512 factor = _mm512_set1_ps(1.0F / sums[r]);
    _mm512_storeu_ps(out + r * out_stride, _mm512_mul_ps(low[r], factor));
    _mm512_storeu_ps(out + r * out_stride + kLanes, _mm512_mul_ps(high[r], factor));
  }
}

/// Columns of `rows` to [channel][columns], zeros behind the last row.
BTEVAL_AVX512 void transpose_tile(const HeadRows& rows, std::int64_t first, std::int64_t columns,
                                  float* out) {
  const __m512i offsets =
      _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                         _mm512_set1_epi32(static_cast<int>(rows.stride)));
  for (std::int64_t column = 0; column < columns; column += kLanes) {
    const std::int64_t valid = std::clamp<std::int64_t>(rows.rows - first - column, 0, kLanes);
    const auto mask = static_cast<__mmask16>((1U << valid) - 1);
    const float* source = rows.first + (first + column) * rows.stride;
    for (std::int64_t c = 0; c < kChannels; ++c)
      _mm512_storeu_ps(out + c * columns + column,
                       _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, offsets, source + c, 4));
  }
}

/// Up to eight rows, scaled, to [channel][row]; zeros for rows that are not there.
BTEVAL_AVX512 void take_queries(const HeadRows& queries, float* out) {
  // A register holds two channels of eight rows.
  const __m512i row = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
  const __m512i channel = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const __m512i offsets =
      _mm512_add_epi32(_mm512_mullo_epi32(row, _mm512_set1_epi32(static_cast<int>(queries.stride))), channel);
  const auto mask = static_cast<__mmask16>(((1U << queries.rows) - 1) * 0x101U);
  for (std::int64_t c = 0; c < kChannels; c += 2) {
    const __m512 two = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, offsets, queries.first + c, 4);
    _mm512_storeu_ps(out + c * kRows, _mm512_mul_ps(two, _mm512_set1_ps(kScale)));
  }
}

std::int64_t whole_registers(std::int64_t keys) { return (keys + kLanes - 1) / kLanes * kLanes; }

std::size_t lines(std::int64_t values) { return static_cast<std::size_t>(values / kLanes); }

}  // namespace

bool AttentionKernel::works_here() {
  static const bool works = [] {
    const char* setting = std::getenv("ATEN_CPU_CAPABILITY");
    const std::string_view capability = setting == nullptr ? "" : setting;
    return __builtin_cpu_supports("avx512f") != 0 && capability != "avx2" && capability != "default";
  }();
  return works;
}

void AttentionKernel::set_keys(const HeadRows& keys, const HeadRows& values, const float* bias) {
  count_ = keys.rows;
  const std::int64_t padded = whole_registers(count_);
  // An odd number of registers: rows a multiple of 4 KiB apart would share few places in the first-level
  // cache.
  score_stride_ = padded % (2 * kLanes) == 0 ? padded + kLanes : padded;
  keys_.resize(lines(padded * kChannels));
  values_.resize(lines(count_ * kChannels));
  bias_.resize(lines(padded));
  scores_.resize(lines(kRows * score_stride_));
  queries_.resize(lines(kRows * kChannels));
  float* biases = begin_of(bias_);
  bias == nullptr ? std::fill_n(biases, count_, 0.0F) : std::copy_n(bias, count_, biases);
  std::fill(biases + count_, biases + padded, -std::numeric_limits<float>::infinity());
  for (std::int64_t first = 0; first < padded; first += kTile)
    transpose_tile(keys, first, std::min(kTile, padded - first), begin_of(keys_) + first * kChannels);
  for (std::int64_t half = 0; half < kChannels; half += kHalf)
    for (std::int64_t k = 0; k < count_; ++k)
      std::copy_n(values.first + k * values.stride + half, kHalf,
                  begin_of(values_) + half * count_ + k * kHalf);
}

void AttentionKernel::attend(const HeadRows& queries, float* out, std::int64_t out_stride) {
  const std::int64_t padded = whole_registers(count_);
  for (std::int64_t row = 0; row < queries.rows; row += kRows) {
    const std::int64_t rows = std::min(kRows, queries.rows - row);
    take_queries({queries.first + row * queries.stride, rows, queries.stride}, begin_of(queries_));
    for (std::int64_t first = 0; first < padded; first += kTile) {
      const float* tile = begin_of(keys_) + first * kChannels;
      float* scores = begin_of(scores_) + first;
      switch (std::min(kTile, padded - first) / kLanes) {
        case 3:
          score_tile<3>(begin_of(queries_), tile, scores, score_stride_);
          break;
        case 2:
          score_tile<2>(begin_of(queries_), tile, scores, score_stride_);
          break;
        default:
          score_tile<1>(begin_of(queries_), tile, scores, score_stride_);
      }
    }
    float sums[kRows];
    for (std::int64_t r = 0; r < kRows; ++r)
      sums[r] = exponentiate(begin_of(scores_) + r * score_stride_, begin_of(bias_), padded);
    for (std::int64_t half = 0; half < kChannels; half += kHalf)
      mix_values(begin_of(scores_), score_stride_, begin_of(values_) + half * count_, count_, sums, rows,
                 out + row * out_stride + half, out_stride);
  }
}

}  // namespace bteval::model

#else

namespace bteval::model {

bool AttentionKernel::works_here() { return false; }
void AttentionKernel::set_keys(const HeadRows&, const HeadRows&, const float*) {}
void AttentionKernel::attend(const HeadRows&, float*, std::int64_t) {}

}  // namespace bteval::model

#endif
