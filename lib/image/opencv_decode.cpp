// The formats that go through OpenCV: still WebP without alpha, and uncompressed 24-bit BMP. The headers are
// read here first, so that only kinds whose equality with Pillow is tested reach the decoder, and no
// truncated file does.
#include <cstdlib>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "image/decoders.h"

namespace bteval::image {
namespace {

[[noreturn]] void refuse(std::string message) { throw Error(ErrorCode::kData, std::move(message)); }

RgbImage decode_with_opencv(ByteSpan file, std::uint32_t width, std::uint32_t height, const char* format) {
  cv::Mat decoded;
  try {
    // OpenCV's interface takes no const pointer, but only reads.
    const cv::Mat input(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::byte*>(file.data()));
    decoded = cv::imdecode(input, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    refuse(fmt::format("broken {} data: {}", format, printable(error.err)));
  }
  if (decoded.empty() || decoded.type() != CV_8UC3) refuse(fmt::format("broken {} data", format));
  if (decoded.cols != static_cast<int>(width) || decoded.rows != static_cast<int>(height)) {
    refuse(fmt::format("broken {} data: {}x{} pixels where the header says {}x{}", format, decoded.cols,
                       decoded.rows, width, height));
  }
  RgbImage image = make_image(decoded.cols, decoded.rows);
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* bgr = decoded.ptr(y);
    std::uint8_t* rgb = image.row(y);
    for (int x = 0; x < image.width; ++x, bgr += 3, rgb += 3) {
      rgb[0] = bgr[2];
      rgb[1] = bgr[1];
      rgb[2] = bgr[0];
    }
  }
  return image;
}

void check_file_size(ByteSpan file, std::uint64_t needed, const char* format) {
  if (file.size() < needed) {
    refuse(fmt::format("the {} file is truncated ({} of {} bytes)", format, file.size(), needed));
  }
  if (file.size() > INT32_MAX) refuse(fmt::format("the {} file is too large", format));
}

struct WebpHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  ByteSpan chunk;  ///< the coded image with its chunk header and padding
};

/// Size in the header of the coded image; refuses alpha.
WebpHeader read_webp_frame(std::string_view type, ByteSpan data) {
  if (data.size() < 10) refuse("broken WebP data: the image is cut off");
  if (type == "VP8 ") return {le32(data, 6) & 0x3fff, le32(data, 6) >> 16 & 0x3fff, {}};
  const std::uint32_t bits = le32(data, 1);
  if ((bits >> 28 & 1) != 0) refuse("a WebP image with transparency is not supported");
  return {(bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, {}};
}

/// Walk all chunks: OpenCV looks at the first image alone, while Pillow's demultiplexer wants a sound whole.
WebpHeader read_webp_header(ByteSpan chunks) {
  std::optional<WebpHeader> canvas;
  std::optional<WebpHeader> frame;
  while (!chunks.empty()) {
    if (chunks.size() < 8) refuse("broken WebP data: a chunk is cut off");
    const std::string_view type(reinterpret_cast<const char*>(chunks.data()), 4);
    const std::size_t length = le32(chunks, 4);
    const std::size_t padded = length + (length & 1);
    if (chunks.size() - 8 < padded) refuse("broken WebP data: a chunk is cut off");
    const ByteSpan data = chunks.subspan(8, length);
    if (type == "VP8X") {
      if (canvas || frame || data.size() != 10)
        refuse("broken WebP data: a misplaced or misshapen VP8X chunk");
      const unsigned flags = byte_at(data, 0);
      if ((flags & 0xc1) != 0) refuse("broken WebP data: unknown flags in the VP8X chunk");
      if ((flags & 0x02) != 0) refuse("an animated WebP image is not supported");
      if ((flags & 0x10) != 0) refuse("a WebP image with transparency is not supported");
      canvas = {(le32(data, 4) & 0xffffff) + 1, (le32(data, 6) >> 8) + 1, {}};
    } else if (type == "VP8 " || type == "VP8L") {
      if (frame) refuse("a WebP file with several images is not supported");
      frame = read_webp_frame(type, data);
      frame->chunk = chunks.first(8 + padded);
    } else if (type != "ICCP" && type != "EXIF" && type != "XMP ") {
      refuse(fmt::format("a WebP file with a chunk \"{}\" is not supported", printable(type)));
    }
    chunks = chunks.subspan(8 + padded);
  }
  if (!frame) refuse("broken WebP data: no image");
  if (canvas && (canvas->width != frame->width || canvas->height != frame->height)) {
    refuse("a WebP image that does not fill its canvas is not supported");
  }
  return *frame;
}

}  // namespace

// Layout: https://developers.google.com/speed/webp/docs/riff_container
RgbImage decode_webp(ByteSpan file, const DecodeLimits& limits) {
  check_file_size(file, std::uint64_t{le32(file, 4)} + 8, "WebP");
  const WebpHeader header = read_webp_header(file.subspan(12, std::max<std::size_t>(le32(file, 4), 4) - 4));
  check_size(header.width, header.height, limits);
  // The coded image alone, as Pillow's demultiplexer hands it on: in a whole file, libwebp would let damaged
  // image data run on into the metadata behind it.
  std::vector<std::byte> simple(file.begin(), file.begin() + 12);
  simple.insert(simple.end(), header.chunk.begin(), header.chunk.end());
  for (std::size_t i = 0; i < 4; ++i)
    simple[4 + i] = static_cast<std::byte>((simple.size() - 8) >> (8 * i) & 0xff);
  return decode_with_opencv(simple, header.width, header.height, "WebP");
}

// BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows API.
RgbImage decode_bmp(ByteSpan file, const DecodeLimits& limits) {
  constexpr std::size_t kHeaders = 54;
  check_file_size(file, kHeaders, "BMP");
  const std::uint32_t info_size = le32(file, 14);
  const unsigned planes = byte_at(file, 26) | byte_at(file, 27) << 8;
  const unsigned bits = byte_at(file, 28) | byte_at(file, 29) << 8;
  const std::uint32_t compression = le32(file, 30);
  if (info_size != 40 || planes != 1 || bits != 24 || compression != 0) {
    refuse(fmt::format(
        "a BMP image of {} bits, compression {}, header of {} bytes is not supported (only plain 24 bits)",
        bits, compression, info_size));
  }
  const auto width = static_cast<std::int32_t>(le32(file, 18));
  const std::int64_t height = std::abs(std::int64_t{static_cast<std::int32_t>(le32(file, 22))});
  if (width <= 0 || height <= 0 || height > INT32_MAX) refuse("the BMP image has no area");
  check_size(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), limits);
  const std::uint64_t row = (static_cast<std::uint64_t>(width) * 3 + 3) / 4 * 4;
  const std::uint64_t offset = le32(file, 10);
  if (offset < kHeaders) refuse("broken BMP data: the pixels begin within the header");
  check_file_size(file, offset + row * static_cast<std::uint64_t>(height), "BMP");
  return decode_with_opencv(file, static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                            "BMP");
}

}  // namespace bteval::image
