// From an image of a data set to the model's input.
#pragma once

#include <cstdint>
#include <span>

#include "image/transform.h"
#include "records/sample.h"

namespace bteval::engine {

/// Decodes, transforms and normalises one image into `out_chw`, [3, S, S] float32. Returns the first 64 bits
/// of the SHA-256 of its encoded content: equal for the same file under two ids. Error(kData) where it cannot
/// be read. Thread-safe.
std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw);

/// Decodes the image only. Error(kData) where it cannot be read. Thread-safe.
void check_image(const records::ImageRef& image);

/// The same digest without decoding. Error(kData) where the image cannot be read.
std::uint64_t image_digest(const records::ImageRef& image);

}  // namespace bteval::engine
