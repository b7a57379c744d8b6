// PNG through zlib and our own rows rather than through OpenCV or libpng: which damage Pillow forgives
// (checksums of image data, a missing end) and which it refuses (a missing row, a text bomb) is decided chunk
// by chunk.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "core/error.h"
#include "image/decoders.h"
#include "image/png_chunks.h"
#include "image/png_pixels.h"

namespace bteval::image {
namespace {

struct Pass {
  int first_row, first_column, row_step, column_step;
};
// Adam7 (PNG specification, section 8.2).
constexpr std::array<Pass, 7> kPasses = {
    {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4}, {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}}};
constexpr std::array<Pass, 1> kOnePass = {{{0, 0, 1, 1}}};

class Inflater {
 public:
  explicit Inflater(PngChunks& chunks) : chunks_(chunks) {
    if (inflateInit(&z_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&z_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fill a row of filter type and samples. False where the stream ended with the row before: Pillow then
  /// leaves the rest of the image as it is.
  bool read_row(std::uint8_t* out, std::size_t size) {
    if (ended_after_row_) return false;
    z_.next_out = out;
    z_.avail_out = static_cast<uInt>(size);
    while (true) {
      if (z_.avail_in == 0) refill();
      const int status = inflate(&z_, Z_NO_FLUSH);
      if (status < 0) fail(status);
      if (z_.avail_out == 0) {
        ended_after_row_ = status == Z_STREAM_END;
        return true;
      }
      // Output space left and input left: the stream is over. Pillow goes on with the next piece of data.
      z_.avail_in = 0;
    }
  }

 private:
  void refill() {
    const ByteSpan data = chunks_.next_data();
    z_.next_in = reinterpret_cast<z_const Bytef*>(const_cast<std::byte*>(data.data()));
    z_.avail_in = static_cast<uInt>(data.size());
  }

  [[noreturn]] static void fail(int status) {
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    throw Error(ErrorCode::kData, "broken PNG file: the compressed image data is damaged");
  }

  PngChunks& chunks_;
  z_stream z_{};
  bool ended_after_row_ = false;
};

class RowDecoder {
 public:
  RowDecoder(PngChunks& chunks, RgbImage& image)
      : header_(chunks.header()),
        image_(image),
        inflater_(chunks),
        current_(row_length(header_.width) + 1),
        previous_(current_.size()),
        rgb_(image.row_bytes()) {}

  void run() {
    if (header_.interlaced) {
      for (const Pass& pass : kPasses) {
        if (!run_pass(pass)) return;
      }
    } else {
      run_pass(kOnePass[0]);
    }
  }

 private:
  std::size_t row_length(int pixels) const {
    return (static_cast<std::size_t>(pixels) * header_.bits_per_pixel() + 7) / 8;
  }

  bool run_pass(const Pass& pass) {
    const int pixels = (header_.width - pass.first_column + pass.column_step - 1) / pass.column_step;
    if (pixels <= 0) return true;
    const std::size_t length = row_length(pixels);
    const std::size_t bpp = std::max(1U, header_.bits_per_pixel() / 8);
    std::fill(previous_.begin(), previous_.end(), std::uint8_t{0});
    for (int y = pass.first_row; y < header_.height; y += pass.row_step) {
      if (!inflater_.read_row(current_.data(), length + 1)) {
        image_.opaque = false;
        return false;
      }
      if (!unfilter_png_row(current_[0], current_.data() + 1, previous_.data() + 1, length, bpp)) {
        throw Error(ErrorCode::kData, fmt::format("broken PNG file: row {} has an unknown filter", y));
      }
      put(pass, y, pixels);
      std::swap(current_, previous_);
    }
    return true;
  }

  void put(const Pass& pass, int y, int pixels) {
    std::uint8_t* row = image_.row(y);
    std::uint8_t* target = pass.column_step == 1 ? row : rgb_.data();
    if (!expand_png_row(header_, current_.data() + 1, pixels, target)) image_.opaque = false;
    if (target == row) return;
    for (int i = 0; i < pixels; ++i) {
      std::copy_n(target + 3 * i, 3, row + 3 * (pass.first_column + i * pass.column_step));
    }
  }

  const PngHeader& header_;
  RgbImage& image_;
  Inflater inflater_;
  std::vector<std::uint8_t> current_;
  std::vector<std::uint8_t> previous_;
  std::vector<std::uint8_t> rgb_;
};

}  // namespace

RgbImage decode_png(ByteSpan file, const DecodeLimits& limits) {
  PngChunks chunks(file);
  const PngHeader& header = chunks.header();
  check_size(static_cast<std::uint64_t>(header.width), static_cast<std::uint64_t>(header.height), limits);
  RgbImage image = make_image(header.width, header.height);
  if (header.colour == PngColour::kPalette && header.palette[0] != std::array<std::uint8_t, 3>{}) {
    for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = header.palette[0][i % 3];
  }
  RowDecoder(chunks, image).run();
  chunks.finish();
  return image;
}

}  // namespace bteval::image
