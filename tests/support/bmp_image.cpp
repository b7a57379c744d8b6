#include "support/bmp_image.h"

#include <random>
#include <string>

#include "core/file.h"

namespace bteval::testing {
namespace {

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

}  // namespace

void write_random_bmp(const std::filesystem::path& path, int width, int height, unsigned seed) {
  const std::uint32_t row_bytes = (static_cast<std::uint32_t>(width) * 3 + 3) / 4 * 4;
  const std::uint32_t pixel_bytes = row_bytes * static_cast<std::uint32_t>(height);
  std::string bmp = "BM";
  append_little_endian(bmp, 54 + pixel_bytes, 4);
  append_little_endian(bmp, 0, 4);
  append_little_endian(bmp, 54, 4);
  append_little_endian(bmp, 40, 4);
  append_little_endian(bmp, static_cast<std::uint32_t>(width), 4);
  append_little_endian(bmp, static_cast<std::uint32_t>(height), 4);
  append_little_endian(bmp, 1, 2);
  append_little_endian(bmp, 24, 2);
  append_little_endian(bmp, 0, 4);
  append_little_endian(bmp, pixel_bytes, 4);
  for (int i = 0; i < 4; ++i) append_little_endian(bmp, 0, 4);
  std::mt19937 random(seed);
  for (std::uint32_t i = 0; i < pixel_bytes; ++i)
    bmp += i % row_bytes < static_cast<std::uint32_t>(width) * 3 ? static_cast<char>(random() & 0xFFU) : '\0';
  write_file_atomic(path, bmp);
}

}  // namespace bteval::testing
