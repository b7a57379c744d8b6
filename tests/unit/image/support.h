// Shared by the tests of lib/image.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "image/image.h"

namespace bteval::image {

/// SHA-256 of an image's pixels.
std::string digest(const RgbImage& image);

/// A file's bytes.
std::vector<std::byte> read_bytes(const std::filesystem::path& path);

/// The computed image of pattern_integer() in tools/golden/make_image_fixtures.py.
RgbImage pattern_image(int width, int height);

/// The message of the Error(kData) that decoding raises; fails the test where none is.
std::string decode_error(std::span<const std::byte> bytes);
std::string decode_error(const std::string& bytes);

}  // namespace bteval::image
