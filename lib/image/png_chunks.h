// The chunks of a PNG file, read the way Pillow reads them. Internal to lib/image.
#pragma once

#include <array>
#include <optional>

#include "image/decoders.h"

namespace bteval::image {

enum class PngColour : unsigned { kGray = 0, kRgb = 2, kPalette = 3, kGrayAlpha = 4, kRgba = 6 };

struct PngHeader {
  int width = 0;
  int height = 0;
  unsigned depth = 0;  ///< bits per sample
  PngColour colour = PngColour::kGray;
  bool interlaced = false;
  bool has_transparency_chunk = false;
  std::array<std::array<std::uint8_t, 3>, 256>
      palette{};                                  ///< entries that the file lacks are black, as in Pillow
  std::array<std::uint8_t, 256> palette_alpha{};  ///< 255 where tRNS has no entry

  unsigned channels() const;
  unsigned bits_per_pixel() const { return channels() * depth; }
};

/// Walks the chunks of one file in three steps: header(), then next_data() until the pixels are complete,
/// then finish(). Follows PIL/PngImagePlugin.py: every chunk before the image data has its CRC checked, image
/// data has not, chunks after it have not either but must be complete and well-formed. Throws Error(kData)
/// with the offset.
class PngChunks {
 public:
  explicit PngChunks(ByteSpan file);

  /// The header after everything before the first IDAT is read.
  const PngHeader& header() const { return header_; }

  /// The next piece of compressed image data, at most 64 KiB and never across a chunk's end (a damaged stream
  /// fails or passes in Pillow depending on how it is cut). Error where there is none left: the file is
  /// truncated.
  ByteSpan next_data();

  /// Check what follows the image data.
  void finish();

 private:
  struct Chunk {
    std::array<char, 4> type;
    std::size_t data;  ///< offset of its data
    std::size_t length;
    bool is(std::string_view name) const { return std::string_view(type.data(), 4) == name; }
  };

  std::optional<Chunk> try_read_chunk();  ///< nothing at the end of the file
  ByteSpan data_of(const Chunk& chunk);   ///< and move behind it
  void check_crc(const Chunk& chunk, ByteSpan data);
  void read_header();
  void handle(const Chunk& chunk, ByteSpan data);
  void handle_ihdr(ByteSpan data);
  void handle_palette(ByteSpan data);
  void handle_transparency(ByteSpan data);
  void handle_animation(ByteSpan data);
  void handle_frame(ByteSpan data);
  void handle_text(const Chunk& chunk, ByteSpan data);
  [[noreturn]] void fail(std::string message) const;

  ByteSpan file_;
  std::size_t pos_ = 8;
  std::size_t data_left_ = 0;  ///< of the current IDAT
  bool in_data_ = false;
  PngHeader header_;
  bool has_header_ = false;
  bool has_palette_ = false;
  std::optional<std::uint32_t> frames_;
  std::optional<std::uint32_t> sequence_;
  bool default_image_ = false;
  bool has_frame_ = false;
  std::size_t text_bytes_ = 0;
};

/// Size of a zlib stream's content, or nothing where it is damaged (which Pillow forgives in texts and
/// profiles). Error(kData) where it exceeds 1 MiB, where Pillow gives the whole image up.
std::optional<std::size_t> inflated_text_size(ByteSpan stream);

}  // namespace bteval::image
