// Seeds: files of tests/golden/data/image.
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.h"
#include "image/decode.h"
#include "image/thumbnail.h"
#include "image/transform.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  image::DecodeLimits limits;
  limits.max_pixels = 1 << 18;
  try {
    const image::RgbImage decoded = image::decode_rgb(std::as_bytes(std::span(data, size)), limits);
    image::TransformOptions options;
    options.size_px = 32;
    for (const auto kind :
         {image::Transform::kSquare, image::Transform::kCenterCrop, image::Transform::kHf}) {
      options.kind = kind;
      try {
        image::apply_transform(decoded, options);
      } catch (const Error&) {
        // Too narrow, or transparent.
      }
    }
  } catch (const Error&) {
    // A refusal: the only exception that a reader may throw.
  }
  try {
    image::make_thumbnail(std::as_bytes(std::span(data, size)), 4,
                          limits);  // JPEGs at fractions of their size
  } catch (const Error&) {
    // The same.
  }
  return 0;
}
