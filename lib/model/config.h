// The sizes and switches of one BridgeTower checkpoint.
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/checkpoint.h"

namespace bteval::model {

/// Which implementation trained the weights; decides the LayerNorm eps of the cross-modal layers and ITC's
/// image head.
enum class Family { kOfficial, kHuggingFace };

/// How a bridge joins a tower's layer t with the previous cross-modal output c before its LayerNorm:
/// t + c; scaled_factor * t + c; (1 - beta) * t + beta * c.
enum class LinkTower { kAdd, kScaledAdd, kInterpolate };

/// "official" or "hugging-face".
const char* family_name(Family family);

/// All sizes come from tensor shapes; heads, eps and the pad token from config.json or hyper_parameters,
/// which shapes cannot tell.
struct ModelConfig {
  Family family = Family::kOfficial;
  std::int64_t hidden_size = 0, num_heads = 0, num_cross_layers = 0, ffn_size = 0;
  std::int64_t vocab_size = 0, text_width = 0, text_heads = 0, text_layers = 0, text_ffn_size = 0,
               max_positions = 0;
  std::int64_t vision_width = 0, vision_layers = 0, patch_size = 0, image_size = 0, vision_ffn_size = 0;
  std::int64_t token_type_rows = 0;
  std::int64_t pad_token_id = 1;
  double cross_layer_norm_eps = 1e-12;  ///< inside the cross-modal layers
  double mlm_layer_norm_eps = 1e-12;    ///< the MLM head's transform
  double bridge_layer_norm_eps = 1e-5;  ///< cross_modal_*_layernorm and the link towers
  double text_layer_norm_eps = 1e-5;    ///< RoBERTa
  double vision_layer_norm_eps = 1e-5;  ///< CLIP's ln_pre, ln_1, ln_2 and ln_post
  LinkTower link_tower = LinkTower::kAdd;
  bool tied_mlm_decoder = false;  ///< the MLM head reads the word embeddings: it has no matrix of its own

  /// Heads of the vision tower: 64 channels each (CLIP).
  std::int64_t vision_heads() const { return vision_width / 64; }
  /// Layers that both towers run before the first cross-modal layer reads them (BridgeTower, section 3.4).
  std::int64_t split() const { return text_layers - num_cross_layers + 1; }
  /// Longest text in tokens: RoBERTa counts positions from pad_token_id + 1.
  std::int64_t max_text_tokens() const { return max_positions - pad_token_id - 1; }
};

/// Reads the sizes from the tensors' shapes, what shapes cannot tell from config.json (it decides) or from a
/// Lightning file's hyper_parameters (else: 64 channels a head), and checks config.json against the shapes.
///
/// Error(kCheckpoint) where the file is no BridgeTower checkpoint (METER's are named), where config.json
/// contradicts the shapes (all contradictions at once), and for the variants that the published
/// implementations refuse or disagree on: separate vision LayerNorms, towers of unequal built depth, shared
/// link towers, and share_cross_modal_transformer_layers = false.
ModelConfig resolve_config(const checkpoint::Checkpoint& checkpoint);

}  // namespace bteval::model
