// One row of PNG samples to RGB. Internal to lib/image.
#pragma once

#include <cstdint>

#include "image/png_chunks.h"

namespace bteval::image {

/// Undo a PNG row filter (PNG specification, section 9) in place. `previous` is the row above, `bpp` the
/// bytes per complete pixel, at least 1. False for an unknown filter type.
bool unfilter_png_row(unsigned filter, std::uint8_t* row, const std::uint8_t* previous, std::size_t length,
                      std::size_t bpp);

/// Write `count` pixels as RGB the way Pillow's unpackers and convert("RGB") do: gray of 2 and 4 bits scaled
/// by 85 and 17, the high byte of 16-bit colour, 16-bit gray clipped at 255, alpha dropped, palette entries
/// looked up. Returns false where a pixel was transparent, or may have been.
bool expand_png_row(const PngHeader& header, const std::uint8_t* in, int count, std::uint8_t* rgb);

}  // namespace bteval::image
