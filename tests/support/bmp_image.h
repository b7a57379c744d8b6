// Small image files for tests, written without any image library.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bteval::testing {

/// Writes a 24-bit BMP of random colours; equal seeds give equal files.
void write_random_bmp(const std::filesystem::path& path, int width, int height, unsigned seed);

}  // namespace bteval::testing
