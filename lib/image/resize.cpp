#include "image/resize.h"

#include <algorithm>

#include "core/checked.h"
#include "core/error.h"
#include "image/resize_kernels.h"

namespace bteval::image {
namespace {

/// Rows in memory of our own, with the slack that the horizontal pass may overwrite.
struct Buffer {
  std::vector<std::uint8_t> bytes;
  std::size_t stride;
  std::size_t row_bytes;
  int count;

  Buffer(int width, int rows)
      : stride(static_cast<std::size_t>(width) * 3 + kRowSlack),
        row_bytes(static_cast<std::size_t>(width) * 3),
        count(rows) {
    bytes.resize(checked_mul<std::size_t>(stride, static_cast<std::size_t>(rows), "image"));
  }
  Rows rows() const { return {bytes.data(), stride, count, row_bytes, bytes.size()}; }
  MutableRows target() { return {bytes.data(), stride}; }
};

bool vertical_comes_first(const RgbImage& image, int width, int height, PassOrder order) {
  if (order != PassOrder::kPillow13) return false;
  const std::int64_t lost_rows = std::int64_t{image.height} - height;
  const std::int64_t lost_columns = std::int64_t{image.width} - width;
  return lost_rows > 0 && lost_rows > 2 * lost_columns;
}

Rows all_rows(const RgbImage& image) {
  return {image.pixels.data(), image.row_bytes(), image.height, image.row_bytes(), image.pixels.size()};
}

MutableRows target(RgbImage& image) { return {image.pixels.data(), image.row_bytes()}; }

/// The horizontal pass, from rows without slack or with it, to an image without.
void horizontal_to_image(const Rows& rows, const Weights& weights, RgbImage& out, const Kernels& kernels) {
  Buffer wide(out.width, out.height);
  kernels.horizontal(rows, weights, wide.target());
  for (int y = 0; y < out.height; ++y) {
    std::copy_n(wide.bytes.data() + static_cast<std::size_t>(y) * wide.stride, out.row_bytes(), out.row(y));
  }
}

}  // namespace

RgbImage resize_with(const RgbImage& image, int width, int height, PassOrder order, const Kernels& kernels) {
  RgbImage out = make_image(width, height);
  out.opaque = image.opaque;
  const bool change_width = width != image.width;
  const bool change_height = height != image.height;
  if (!change_width && !change_height) {
    out.pixels = image.pixels;
    return out;
  }
  if (!change_width) {
    kernels.vertical(all_rows(image), bicubic_weights(image.height, height), target(out));
    return out;
  }
  const Weights across = bicubic_weights(image.width, width);
  if (!change_height) {
    horizontal_to_image(all_rows(image), across, out, kernels);
    return out;
  }
  Weights down = bicubic_weights(image.height, height);
  if (vertical_comes_first(image, width, height, order)) {
    Buffer squat(image.width, height);
    kernels.vertical(all_rows(image), down, squat.target());
    horizontal_to_image(squat.rows(), across, out, kernels);
    return out;
  }
  // Only the rows that the vertical pass reads.
  const int first_row = down.first.front();
  const int rows = down.first.back() + down.count.back() - first_row;
  Rows used = all_rows(image);
  used.data += static_cast<std::size_t>(first_row) * used.stride;
  used.readable -= static_cast<std::size_t>(first_row) * used.stride;
  used.count = rows;
  for (std::int32_t& first : down.first) first -= first_row;
  Buffer narrow(width, rows);
  kernels.horizontal(used, across, narrow.target());
  kernels.vertical(narrow.rows(), down, target(out));
  return out;
}

RgbImage resize_bicubic(const RgbImage& image, int width, int height, PassOrder order) {
  const Kernels* fast = avx2_kernels();
  return resize_with(image, width, height, order, fast != nullptr ? *fast : portable_kernels());
}

}  // namespace bteval::image
