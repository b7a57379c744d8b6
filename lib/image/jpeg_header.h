// The header of a JPEG file, read the way Pillow reads it. Internal to lib/image.
#pragma once

#include "image/decoders.h"

namespace bteval::image {

struct JpegHeader {
  int width = 0;
  int height = 0;
  int components = 0;  ///< 1 gray, 3 colour, 4 CMYK
};

/// Walk the markers up to the first scan. libjpeg is more lenient than Pillow in some places, so what Pillow
/// refuses here has to be refused before decoding: other depths than 8 bits, segments that end behind the
/// file, application segments too short for their own kind (PIL/JpegImagePlugin.py). Error(kData) with the
/// offset.
JpegHeader read_jpeg_header(ByteSpan file);

}  // namespace bteval::image
