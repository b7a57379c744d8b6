// Attention of one head on processors with AVX-512: what LibTorch's products of small blocks leave on the
// table.
#pragma once

#include <cstdint>
#include <vector>

namespace bteval::model {

/// Channels of a head that the kernel takes. All published BridgeTower models have heads of this size.
inline constexpr std::int64_t kKernelChannels = 64;

/// Rows of kKernelChannels float32 values, `stride` values from each other.
struct HeadRows {
  const float* first = nullptr;
  std::int64_t rows = 0;
  std::int64_t stride = 0;
};

/// out = softmax(q kᵀ / √64 + bias) v for one head, in float32. The scores of eight queries at a time stay in
/// the processor's caches. A row's result depends neither on the other queries nor on their number.
class AttentionKernel {
 public:
  /// Whether this processor can run it, this build has it and ATEN_CPU_CAPABILITY, as it was at the first
  /// call, does not keep LibTorch from such registers. Those who ask for AVX2 everywhere get it here, too.
  static bool works_here();

  /// Copies keys and values, both with the same number of rows (at least one), as the kernel reads them.
  /// `bias`: what is added to the scores of each key, such as a mask; null: nothing.
  void set_keys(const HeadRows& keys, const HeadRows& values, const float* bias = nullptr);

  /// Row i of `out`, `out_stride` values from the next, gets the result of query i.
  void attend(const HeadRows& queries, float* out, std::int64_t out_stride);

 private:
  /// A register's worth, which is also a line of the cache: no load touches two of them.
  struct alignas(64) Line {
    float values[16];
  };
  using Lines = std::vector<Line>;
  static float* begin_of(Lines& lines) { return lines.data()->values; }

  std::int64_t count_ = 0;         // of keys
  std::int64_t score_stride_ = 0;  // values
  Lines keys_, values_;            // tiles of transposed keys; values in rows
  Lines bias_;                     // -∞ behind the last key
  Lines queries_, scores_;         // of eight rows
};

}  // namespace bteval::model
