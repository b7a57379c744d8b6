// The sizes and switches of one BridgeTower checkpoint.
#pragma once

#include <cstdint>
#include <string>

namespace bteval::model {

/// Which implementation trained the weights; decides the LayerNorm eps of the cross-modal layers and ITC's image head.
enum class Family { kOfficial, kHuggingFace };

enum class LinkTower { kAdd, kScaledAdd, kInterpolate };

struct ModelConfig {
  Family family = Family::kOfficial;
  std::int64_t hidden_size = 0, num_heads = 0, num_cross_layers = 0, ffn_size = 0;
  std::int64_t vocab_size = 0, text_width = 0, text_heads = 0, text_layers = 0, text_ffn_size = 0, max_positions = 0;
  std::int64_t vision_width = 0, vision_layers = 0, patch_size = 0, image_size = 0, vision_ffn_size = 0;
  std::int64_t token_type_rows = 0;
  std::int64_t pad_token_id = 1;
  double cross_layer_norm_eps = 1e-12;
  LinkTower link_tower = LinkTower::kAdd;
};

}  // namespace bteval::model
