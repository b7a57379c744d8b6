// One modality's half of a cross-modal layer.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>

#include "model/bert_blocks.h"

namespace bteval::model {

/// What of a layer depends on one modality alone, when the layer's inputs do: true for the first layer, whose
/// inputs come from the towers. Computed once per image and once per text.
struct FirstLayerShare {
  at::Tensor self_attention;  ///< [B, S, H]: this modality's self-attention block
  at::Tensor query;           ///< [B, S, H]: this modality's cross-attention query, or undefined
  at::Tensor key_value;       ///< [B, S, 2H]: cross-attention keys and values for the other modality's layer
};

/// Self-attention over x, cross-attention from it to y, feed-forward; each a residual block with LayerNorm
/// behind. Both modalities read the layer's inputs: y is the other one's input, not its output.
struct CrossModalLayer {
  SelfAttention self;
  Linear query;           ///< of the cross-attention
  LinearStack key_value;  ///< of the cross-attention
  AttentionOutput cross_output;
  FeedForward feed_forward;
  AttentionKind kind;

  /// Cross-attention where this side is short and the other long, and the other way round; absent without
  /// Savings::absorbed_projections.
  std::optional<FewQueriesAttention> few_queries;
  std::optional<FewKeysAttention> few_keys;

  /// Single-row path of the last layer; absent in the others.
  struct Row {
    Linear self_query;
    FewQueriesAttention self, cross;
  };
  std::optional<Row> row;

  /// The parts that need x alone, and the keys and values that the other modality's layer reads from x. No
  /// query where few_keys will usually do without. As SelfAttention with packed rows.
  FirstLayerShare share(const at::Tensor& x, const at::Tensor& mask, const CrossModalLayer& other,
                        const PackedRows* packed = nullptr) const;

  /// x [B, S, H] and y [B, T, H] to [B, S, H]. x_mask and y_mask: [B, 1, 1, S] and [B, 1, 1, T], or
  /// undefined.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                        const at::Tensor& y_mask) const;

  /// The same from shares: of x by this layer, of y by the other modality's.
  at::Tensor from_shares(const FirstLayerShare& x, const FirstLayerShare& y, const at::Tensor& y_mask) const;

  /// Row 0 alone, [B, 1, H]: all that the pooler reads of the last layer. Needs `row`.
  at::Tensor first_row(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                       const at::Tensor& y_mask) const;

 private:
  /// Cross-attention from the self-attention block to keys and values, and the feed-forward block.
  at::Tensor finish(const at::Tensor& block, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    const at::Tensor& mask) const;
};

/// What of a layer is loaded for the savings.
struct CrossModalRole {
  bool image = false;       ///< the image's half: its own rows are many and the other side's few
  bool single_row = false;  ///< the last layer, of which the pooler reads one row
};
CrossModalLayer load_cross_modal_layer(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                       const CrossModalRole& role, const Placement& placement);

}  // namespace bteval::model
