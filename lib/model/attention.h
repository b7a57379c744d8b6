// Multi-head attention over whole sequences, and for the first row of one alone.
#pragma once

#include <ATen/ATen.h>

#include "model/linear.h"

namespace bteval::model {

/// Multi-head attention. q [B, S, H], k and v [B, T, H], rows may be slices of a wider product; mask
/// broadcasts to [B, heads, S, T] or is undefined. Returns [B, S, H].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                  const at::Tensor& mask);

/// Attention of one query row per sample over a sequence, without projecting the sequence.
///
/// With a single query the key projection moves to the query, q·(Wₖ x + bₖ) = (Wₖᵀ q)·x + const, and the
/// value projection behind the weighted sum, Σ p (Wᵥ x + bᵥ) = Wᵥ (Σ p x) + bᵥ: two products of the size of
/// the sequence less. The constant is the same for every key, and softmax does not see it. Differs from
/// attend() by rounding only.
class RowAttention {
 public:
  RowAttention() = default;
  /// key and value: [H, H], float32 on the CPU.
  RowAttention(const LinearParameters& key, const LinearParameters& value, std::int64_t heads,
               const Placement& placement);

  /// q [B, H] (projected), sequence [B, T, H], mask broadcasts to [B, 1, T] or is undefined. Returns [B, H].
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& sequence, const at::Tensor& mask) const;

 private:
  std::int64_t heads_ = 1;
  at::Tensor key_;         // [heads, D, H], scaled by 1/√D
  at::Tensor value_;       // [heads, H, D]
  at::Tensor value_bias_;  // [H]
};

}  // namespace bteval::model
