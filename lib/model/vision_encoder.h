// The vision tower: CLIP's vision transformer.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "model/attention.h"
#include "model/config.h"
#include "model/layer_norm.h"
#include "model/linear.h"
#include "model/trace.h"

namespace bteval::model {

/// A pre-norm residual block with QuickGELU, x σ(1.702 x).
struct VisionBlock {
  LayerNorm ln_1, ln_2;
  LinearStack query_key_value;
  Linear out_proj, c_fc, c_proj;
  AttentionKind kind;
  bool scaled_for_silu = false;  ///< c_fc carries the factor 1.702 and c_proj its inverse: QuickGELU is then
                                 ///< SiLU, which the product applies in the same pass

  /// [B, P, W] to [B, P, W].
  at::Tensor operator()(const at::Tensor& x) const;
};

struct VisionEncoder {
  Linear patch_embedding;                          ///< flattened patches [.., 3 * p * p] to [.., W]
  at::Tensor class_embedding, position_embedding;  ///< [W] and [1 + grid, W], float32
  LayerNorm ln_pre, ln_post;
  std::vector<VisionBlock> blocks;
  std::int64_t patch_size = 16;
  Placement placement;

  /// pixels [B, 3, height, width] to [B, 1 + patches, W], after ln_pre.
  at::Tensor embed(const at::Tensor& pixels, Trace* trace) const;
};

VisionEncoder load_vision_encoder(WeightLoader& loader, const ModelConfig& config,
                                  const Placement& placement);

}  // namespace bteval::model
