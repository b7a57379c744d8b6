#include "image/resize.h"

#include <algorithm>

#include "core/checked.h"
#include "core/error.h"
#include "image/resize_kernels.h"

namespace bteval::image {
namespace {

/// Scratch memory that is kept beyond one call. Fresh memory of this size would come from the operating
/// system page by page each time, which costs as much as the resize itself.
constexpr std::size_t kKeptScratch = std::size_t{8} << 20;
thread_local std::vector<std::uint8_t> scratch;

/// Rows in scratch memory, with the slack that the horizontal pass may overwrite. One at a time in a thread.
class Buffer {
 public:
  Buffer(int width, int rows)
      : stride_(static_cast<std::size_t>(width) * 3 + kRowSlack), width_(width), count_(rows) {
    const std::size_t size = checked_mul<std::size_t>(stride_, static_cast<std::size_t>(rows), "image");
    if (scratch.size() < size) scratch.resize(size);
  }
  ~Buffer() {
    if (scratch.size() > kKeptScratch) scratch = {};
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  const std::uint8_t* row(int y) const { return scratch.data() + static_cast<std::size_t>(y) * stride_; }
  Rows rows() const {
    return {scratch.data(), stride_, count_, static_cast<std::size_t>(width_) * 3, scratch.size()};
  }
  MutableRows target() { return {scratch.data(), stride_}; }

 private:
  std::size_t stride_;
  int width_;
  int count_;
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

/// The horizontal pass to an image, whose rows have no slack.
void horizontal_to_image(const RgbImage& image, const Weights& weights, RgbImage& out,
                         const Kernels& kernels) {
  Buffer wide(out.width, out.height);
  kernels.horizontal(all_rows(image), weights, wide.target());
  for (int y = 0; y < out.height; ++y) std::copy_n(wide.row(y), out.row_bytes(), out.row(y));
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
    horizontal_to_image(image, across, out, kernels);
    return out;
  }
  Weights down = bicubic_weights(image.height, height);
  if (vertical_comes_first(image, width, height, order)) {
    RgbImage squat = make_image(image.width, height);
    kernels.vertical(all_rows(image), down, target(squat));
    horizontal_to_image(squat, across, out, kernels);
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
