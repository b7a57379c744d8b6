// Floating-point operations of the matrix products of each stage: what times are set against.
#pragma once

#include <cstdint>

#include "model/config.h"
#include "model/savings.h"

namespace bteval::model {

/// Rows that a stage works on.
struct FlopShape {
  std::int64_t text_rows = 0;   ///< S: tokens of a text, padding included
  std::int64_t image_rows = 0;  ///< P: patches + 1
};

/// Operations of one item, a multiplication and an addition counting as two, as the savings leave them.
/// Everything else (LayerNorm, softmax, GELU, additions) is below 1 % of that and not counted; what it takes
/// in time shows as a lower rate.
class FlopCount {
 public:
  FlopCount(const ModelConfig& config, const Savings& savings) : config_(config), savings_(savings) {}

  /// BridgeTower::encode_image() of one image of `image_rows`.
  double image(std::int64_t image_rows) const;
  /// BridgeTower::encode_text() of one text of `text_rows`.
  double text(std::int64_t text_rows) const;
  /// BridgeTower::fuse() of one pair, poolers included.
  double fusion(const FlopShape& shape) const;
  /// A classifier of two layers over `inputs` with `labels` columns.
  static double classifier(std::int64_t inputs, std::int64_t labels);

  /// Rows of an image of `height` x `width` pixels: its patches and the class token.
  std::int64_t image_rows(std::int64_t height, std::int64_t width) const;

 private:
  double cross_layer(std::int64_t own, std::int64_t other, bool shared, bool image_side) const;
  double cross_layer_row(std::int64_t own, std::int64_t other) const;

  ModelConfig config_;
  Savings savings_;
};

}  // namespace bteval::model
