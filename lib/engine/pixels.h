// From an image of a data set to the model's input.
#pragma once

#include <cstdint>
#include <span>

#include "core/error.h"
#include "image/transform.h"
#include "records/sample.h"

namespace bteval::engine {

/// The image itself cannot be used: it is not there, or damaged, whoever reads it and when.
class BadImage : public Error {
 public:
  explicit BadImage(const Error& error) : Error(error) {}
};

/// Decodes, transforms and normalises one image into `out_chw`, [3, S, S] float32. Returns the first 64 bits
/// of the SHA-256 of its encoded content: equal for the same file under two ids. Throws BadImage(kData);
/// IoError(kData) where a file system has failed, Error(kDevice) where memory is short, neither of which is
/// the image's fault. Thread-safe.
std::uint64_t load_pixels(const records::ImageRef& image, const image::TransformOptions& transform,
                          std::span<float> out_chw);

/// Decodes the image only. Throws as load_pixels() does. Thread-safe.
void check_image(const records::ImageRef& image);

/// The same digest without decoding. Throws as load_pixels() does.
std::uint64_t image_digest(const records::ImageRef& image);

}  // namespace bteval::engine
