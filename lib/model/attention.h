// Multi-head attention over whole sequences, and its forms for a short sequence beside a long one.
#pragma once

#include <ATen/ATen.h>

#include "model/linear.h"
#include "model/packed_rows.h"
#include "model/savings.h"

namespace bteval::model {

/// How many heads, and how they are computed.
struct AttentionKind {
  std::int64_t heads = 1;
  bool fused = true;   ///< scores stay out of memory where that can be done
  bool kernel = true;  ///< if so: by AttentionKernel where that fits, else by LibTorch
};

inline AttentionKind attention_kind(std::int64_t heads, const Savings& savings) {
  return {heads, savings.fused_attention, savings.attention_kernel};
}

/// Multi-head attention. q [B, S, H], k and v [B, T, H], rows may be slices of a wider product; mask
/// broadcasts to [B, heads, S, T] or is undefined. Returns [B, S, H].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionKind& kind,
                  const at::Tensor& mask);

/// Self-attention of packed sequences, each over its own rows: all [1, N, H]. mask [B, 1, 1, S]: that of the
/// padded batch, which they become where AttentionKernel does not fit.
at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const AttentionKind& kind, const at::Tensor& mask, const PackedRows& packed);

/// Whether moving the projections of `many` rows to `few` ones, once a head, saves work: a product with
/// [width, heads * few] must be well below one with [width, width], batches of small products being slower
/// than one large one.
inline bool worth_absorbing(std::int64_t few, std::int64_t many, std::int64_t heads, std::int64_t width) {
  return 2 * few * heads <= width && 2 * few <= many;
}

/// Attention of a few queries over a long sequence, without projecting the sequence.
///
/// The key projection moves to the queries, q·(Wₖ y + bₖ) = (Wₖᵀ q)·y + const, and the value projection
/// behind the weighted sum, Σ p (Wᵥ y + bᵥ) = Wᵥ (Σ p y) + bᵥ: two products of the sequence with [H, H]
/// become two with [H, heads * S]. The constant is the same for every key, and softmax does not see it.
/// Differs from attend() by rounding only.
class FewQueriesAttention {
 public:
  FewQueriesAttention() = default;
  /// key and value: [H, H], float32 on the CPU.
  FewQueriesAttention(const LinearParameters& key, const LinearParameters& value, std::int64_t heads,
                      const Placement& placement);

  /// q [B, S, H] (projected), sequence [B, T, H], mask broadcasts to [B, 1, T] or is undefined. Returns
  /// [B, S, H].
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& sequence, const at::Tensor& mask) const;

 private:
  std::int64_t heads_ = 1;
  at::Tensor key_;         // [heads, D, H], scaled by 1/√D
  at::Tensor value_;       // [heads, H, D]
  at::Tensor value_bias_;  // [H]
};

/// Attention of a long sequence over a few keys, with its query and its output projection, without projecting
/// the sequence: the mirror image of FewQueriesAttention.
///
/// (W_q x + b_q)·k = x·(W_qᵀ k) + b_q·k, where the last term differs from key to key; and the output
/// projection moves to the values, W_o Σ p v + b_o = Σ p (W_o v) + b_o.
class FewKeysAttention {
 public:
  FewKeysAttention() = default;
  /// query and output: [H, H], float32 on the CPU.
  FewKeysAttention(const LinearParameters& query, const LinearParameters& output, std::int64_t heads,
                   const Placement& placement);

  /// sequence [B, P, H] (not projected), k and v [B, S, H], mask broadcasts to [B, 1, 1, S] or is undefined,
  /// residual [B, P, H]. Returns the projected attention plus residual, [B, P, H].
  at::Tensor operator()(const at::Tensor& sequence, const at::Tensor& k, const at::Tensor& v,
                        const at::Tensor& mask, const at::Tensor& residual) const;

 private:
  std::int64_t heads_ = 1;
  at::Tensor query_;        // [heads, D, H], scaled by 1/√D
  at::Tensor query_bias_;   // [heads, D, 1], scaled likewise
  at::Tensor output_;       // [heads, D, H]
  at::Tensor output_bias_;  // [H]
};

}  // namespace bteval::model
