// The post-norm blocks that RoBERTa and the cross-modal layers are made of (BERT's layout and parameter
// names).
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "model/attention.h"
#include "model/layer_norm.h"
#include "model/linear.h"

namespace bteval::model {

/// Widths and switches of one kind of layer.
struct BertShape {
  std::int64_t width = 0, heads = 1, ffn_size = 0;
  double eps = 1e-5;
};

/// query, key and value of an attention under `name`.self.
struct AttentionParameters {
  LinearParameters query, key, value;
};
AttentionParameters load_attention(WeightLoader& loader, const std::string& name, std::int64_t width);

/// What follows the attention: LN(W a + b + x).
struct AttentionOutput {
  Linear dense;
  LayerNorm norm;

  at::Tensor operator()(const at::Tensor& attended, const at::Tensor& x) const;
};
AttentionOutput load_attention_output(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                      const Placement& placement);

/// x [B, S, H] to [B, S, H]; or [1, N, H] with `packed`, and the mask of the padded batch.
struct SelfAttention {
  LinearStack query_key_value;
  AttentionOutput output;
  AttentionKind kind;

  at::Tensor operator()(const at::Tensor& x, const at::Tensor& mask,
                        const PackedRows* packed = nullptr) const;
};
SelfAttention load_self_attention(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                  const Placement& placement);

/// LN(W₂ gelu(W₁ x) + x), with the erf form of GELU.
struct FeedForward {
  Linear up, down;
  LayerNorm norm;

  at::Tensor operator()(const at::Tensor& x) const;
};
/// Reads name.intermediate.dense, name.output.dense and name.output.LayerNorm.
FeedForward load_feed_forward(WeightLoader& loader, const std::string& name, const BertShape& shape,
                              const Placement& placement);

}  // namespace bteval::model
