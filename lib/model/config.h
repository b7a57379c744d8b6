// The sizes and switches of one checkpoint: a BridgeTower, or a METER, its baseline.
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/checkpoint.h"

namespace bteval::model {

/// Which implementation trained the weights; decides the LayerNorm eps of the cross-modal layers and ITC's
/// image head.
enum class Family { kOfficial, kHuggingFace };

/// What joins the towers. BridgeTower (arXiv 2206.08657): each of the last layers of both towers enters one
/// cross-modal layer through a bridge. METER (arXiv 2111.02387): the towers, each of its own depth, run to
/// their ends; one projection of their last outputs enters the first cross-modal layer, and every further one
/// reads the outputs of the one before.
enum class Architecture { kBridgeTower, kMeter };

/// How a bridge joins a tower's layer t with the previous cross-modal output c before its LayerNorm:
/// t + c; scaled_factor * t + c; (1 - beta) * t + beta * c.
enum class LinkTower { kAdd, kScaledAdd, kInterpolate };

/// "official" or "hugging-face".
const char* family_name(Family family);
/// "bridgetower" or "meter".
const char* architecture_name(Architecture architecture);

/// All sizes come from tensor shapes; heads, eps and the pad token from config.json or hyper_parameters,
/// which shapes cannot tell.
struct ModelConfig {
  Family family = Family::kOfficial;
  Architecture architecture = Architecture::kBridgeTower;
  bool gated = false;  ///< METER's variant `meter_fusion`: a learnt mixture of all layers of each tower is
                       ///< added to the last one's output before the projection
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
  /// The layer, counted from 0, of a tower of `tower_layers` whose output is the first to leave the tower:
  /// for the last cross-modal layer that of the last layer, for each before it one lower (BridgeTower,
  /// section 3.4). METER's, and those of a model without cross-modal layers, run to their ends.
  std::int64_t first_bridged(std::int64_t tower_layers) const {
    const bool bridged = architecture == Architecture::kBridgeTower && num_cross_layers > 0;
    return tower_layers - (bridged ? num_cross_layers : 1);
  }
  /// Longest text in tokens: RoBERTa counts positions from pad_token_id + 1.
  std::int64_t max_text_tokens() const { return max_positions - pad_token_id - 1; }
};

/// Which model and whose weights, in one word for signatures and manifests: "official" and "hugging-face" are
/// BridgeTower's families; "meter" and "meter-gated".
const char* model_name(const ModelConfig& config);

/// Reads architecture and sizes from the tensors' names and shapes, each tower counted on its own; what those
/// cannot tell from config.json (it decides) or from a Lightning file's hyper_parameters (else: 64 channels a
/// head); and checks config.json and hyper_parameters against what the tensors say.
///
/// Error(kCheckpoint) where the file is neither architecture's, where config.json or hyper_parameters
/// contradict the tensors (all contradictions at once), for towers other than CLIP's vision transformer and
/// RoBERTa, for METER under Hugging Face names (there is no such model), and for the variants of BridgeTower
/// that the published implementations refuse or disagree on: separate vision LayerNorms, towers of unequal
/// built depth, shared link towers, and share_cross_modal_transformer_layers = false.
ModelConfig resolve_config(const checkpoint::Checkpoint& checkpoint);

}  // namespace bteval::model
