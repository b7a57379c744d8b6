// The named image transforms of BridgeTower: decoded image to square model input.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "image/image.h"
#include "image/resize.h"

namespace bteval::image {

enum class Transform {
  /// Resize to S x S without keeping proportions: the official fine-tuned checkpoints.
  kSquare,
  /// METER's "clip" transform: resize the shorter side to S (torchvision's Resize), crop S x S from the
  /// centre
  /// (torchvision's CenterCrop). The original works on RGBA and so blends transparent pixels: an image that
  /// is not
  /// opaque is refused.
  kCenterCrop,
  /// Hugging Face's BridgeTower processor: shorter side S, longer side at most 1333/800 S, both floored to a
  /// multiple
  /// of 32, then centre crop, or black padding where a side is shorter than S.
  kHf,
};

/// "square", "center_crop" or "hf".
std::string_view transform_name(Transform transform);
/// The inverse of transform_name(); empty for another name.
std::optional<Transform> parse_transform(std::string_view name);

struct TransformOptions {
  Transform kind = Transform::kSquare;
  /// S, the side of the square result in pixels.
  int size_px = 288;
  /// Which Pillow's resize to follow.
  PassOrder pass_order = PassOrder::kHorizontalFirst;

  /// Error(kUsage) where size_px is not in 1..16384.
  void validate() const;
};

/// Apply a transform; the result is S x S, 8 bits, before normalisation. (Hugging Face pads before it
/// normalises, so padding is black here and needs no mask: its pixel_mask is all ones.)
///
/// Error(kData) where the image is too narrow for `hf` (a side would become 0, where the original raises
/// too), or not opaque for `center_crop`. Thread-safe.
RgbImage apply_transform(const RgbImage& image, const TransformOptions& options);

/// Write `(x / 255 - mean) / std` with CLIP's constants in float32 as `[3, height, width]`. Bit-identical to
/// torchvision's ToTensor + Normalize and to Hugging Face's rescale + normalize, which agree on all 256
/// values. Error(kInternal) where `out_chw` has another size than 3 * height * width.
void normalise_into(const RgbImage& image, std::span<float> out_chw);

}  // namespace bteval::image
