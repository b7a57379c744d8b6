// Checkpoints of random weights: for timing a size of model without its weights at hand.
#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/checkpoint.h"

namespace bteval::model {

/// Sizes of a BridgeTower with towers of equal depth.
struct RandomShape {
  std::int64_t hidden = 768, heads = 12, cross_layers = 6, layers = 12;
  std::int64_t vocab = 50265, positions = 514;
  std::int64_t vision_width = 768, patch = 16, image_size = 384;
  std::int64_t labels = 3129;  ///< of the VQA head

  /// "base" and "large" as published (arXiv 2206.08657, table 1, section 4.1), and "small", which a test
  /// builds in no time; Error(kUsage) for another name or an image size that the patches do not divide.
  static RandomShape named(const std::string& name, std::int64_t image_size);
};

/// Seeded random parameters in memory under Hugging Face's names, with a matching config.json, a VQA head of
/// two layers and an ITM head. Scales are such that values neither die out nor grow over the layers. The same
/// seed gives the same weights with the same LibTorch on the same kind of processor.
checkpoint::Checkpoint random_checkpoint(const RandomShape& shape, std::uint64_t seed);

}  // namespace bteval::model
