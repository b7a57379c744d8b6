#include "image/png_pixels.h"

#include <cstdlib>

namespace bteval::image {
namespace {

int paeth(int left, int up, int corner) {
  const int from_left = std::abs(up - corner);
  const int from_up = std::abs(left - corner);
  const int from_corner = std::abs(left + up - 2 * corner);
  const int other = from_up <= from_corner ? up : corner;
  return from_left <= from_up && from_left <= from_corner ? left : other;
}

void set_gray(std::uint8_t* rgb, std::uint8_t value) { rgb[0] = rgb[1] = rgb[2] = value; }

/// Sample `i` of a row of samples of 1, 2, 4 or 8 bits.
unsigned sample(const std::uint8_t* in, int i, unsigned depth) {
  const unsigned bit = static_cast<unsigned>(i) * depth;
  return static_cast<unsigned>(in[bit / 8]) >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

bool expand_gray(const PngHeader& header, const std::uint8_t* in, int count, std::uint8_t* rgb) {
  if (header.depth == 16) {
    for (int x = 0; x < count; ++x, in += 2) set_gray(rgb + 3 * x, in[0] == 0 ? in[1] : 255);
    return false;  // convert("RGBA") of such an image takes another way than convert("RGB")
  }
  const unsigned scale = 255 / ((1U << header.depth) - 1);
  for (int x = 0; x < count; ++x)
    set_gray(rgb + 3 * x, static_cast<std::uint8_t>(sample(in, x, header.depth) * scale));
  return !header.has_transparency_chunk;
}

bool expand_palette(const PngHeader& header, const std::uint8_t* in, int count, std::uint8_t* rgb) {
  unsigned least_alpha = 255;
  for (int x = 0; x < count; ++x) {
    const unsigned index = sample(in, x, header.depth);
    for (std::size_t c = 0; c < 3; ++c) rgb[3 * x + static_cast<int>(c)] = header.palette[index][c];
    least_alpha &= header.palette_alpha[index];
  }
  return least_alpha == 255;
}

/// Predict each byte from those to the left, above, and above to the left (0 before the first pixel), pixel
/// by pixel so that the neighbours stay in registers.
template <std::size_t Bpp, typename Predict>
void add_prediction(std::uint8_t* row, const std::uint8_t* previous, std::size_t length, Predict predict) {
  std::uint8_t left[Bpp] = {}, corner[Bpp] = {};
  for (std::size_t i = 0; i + Bpp <= length; i += Bpp) {
    for (std::size_t c = 0; c < Bpp; ++c) {
      const std::uint8_t up = previous[i + c];
      left[c] = static_cast<std::uint8_t>(row[i + c] + predict(left[c], up, corner[c]));
      row[i + c] = left[c];
      corner[c] = up;
    }
  }
}

template <std::size_t Bpp>
bool unfilter(unsigned filter, std::uint8_t* row, const std::uint8_t* previous, std::size_t length) {
  switch (filter) {
    case 0:
      return true;
    case 1:
      add_prediction<Bpp>(row, previous, length, [](int left, int, int) { return left; });
      return true;
    case 2:
      add_prediction<Bpp>(row, previous, length, [](int, int up, int) { return up; });
      return true;
    case 3:
      add_prediction<Bpp>(row, previous, length, [](int left, int up, int) { return (left + up) / 2; });
      return true;
    case 4:
      add_prediction<Bpp>(row, previous, length, paeth);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool unfilter_png_row(unsigned filter, std::uint8_t* row, const std::uint8_t* previous, std::size_t length,
                      std::size_t bpp) {
  switch (bpp) {
    case 1:
      return unfilter<1>(filter, row, previous, length);
    case 2:
      return unfilter<2>(filter, row, previous, length);
    case 3:
      return unfilter<3>(filter, row, previous, length);
    case 4:
      return unfilter<4>(filter, row, previous, length);
    case 6:
      return unfilter<6>(filter, row, previous, length);
    case 8:
      return unfilter<8>(filter, row, previous, length);
    default:
      return false;
  }
}

bool expand_png_row(const PngHeader& header, const std::uint8_t* in, int count, std::uint8_t* rgb) {
  if (header.colour == PngColour::kGray) return expand_gray(header, in, count, rgb);
  if (header.colour == PngColour::kPalette) return expand_palette(header, in, count, rgb);
  const unsigned bytes = header.depth / 8;
  const unsigned channels = header.channels();
  const bool gray = header.colour == PngColour::kGrayAlpha;
  unsigned least_alpha = 255;
  for (int x = 0; x < count; ++x, in += channels * bytes, rgb += 3) {
    for (unsigned c = 0; c < 3; ++c) rgb[c] = in[gray ? 0 : c * bytes];
    if (header.colour != PngColour::kRgb) least_alpha &= in[(channels - 1) * bytes];
  }
  return least_alpha == 255 && !header.has_transparency_chunk;
}

}  // namespace bteval::image
