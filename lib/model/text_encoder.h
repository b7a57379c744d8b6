// The text tower: RoBERTa.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/bert_blocks.h"
#include "model/config.h"
#include "model/trace.h"

namespace bteval::model {

/// RoBERTa's position ids: the running count of tokens that are not padding, plus the padding id; padding
/// keeps the padding id (fairseq utils.make_positions). [B, S] int64 to [B, S] int64.
at::Tensor text_position_ids(const at::Tensor& input_ids, std::int64_t pad_token_id);

struct TextEncoder {
  at::Tensor word_embeddings;      ///< [vocabulary, W]
  at::Tensor position_embeddings;  ///< [positions, W]
  at::Tensor type_embedding;       ///< [W]: there is one token type
  LayerNorm norm;
  std::vector<FeedForward> feed_forward;
  std::vector<SelfAttention> attention;
  std::int64_t pad_token_id = 1;

  /// [B, S] int64 on the tower's device to [B, S, W].
  at::Tensor embed(const at::Tensor& input_ids, Trace* trace) const;
  /// One layer; mask [B, 1, 1, S] or undefined. As SelfAttention with packed rows.
  at::Tensor layer(std::size_t index, const at::Tensor& x, const at::Tensor& mask,
                   const PackedRows* packed = nullptr) const;
};

TextEncoder load_text_encoder(WeightLoader& loader, const ModelConfig& config, const Placement& placement);

}  // namespace bteval::model
