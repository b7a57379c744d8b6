#include "image/png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "core/error.h"

namespace bteval::image {
namespace {

constexpr std::size_t kReadBlock = 65536;  // ImageFile.MAXBLOCK
constexpr std::size_t kMaxPaletteEntries = 256;

bool is_chunk_type(std::string_view type) {
  return std::all_of(type.begin(), type.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

bool is_supported(unsigned depth, unsigned colour) {
  switch (colour) {
    case 0:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

/// Least data lengths of chunks that Pillow interprets.
std::size_t least_length(std::string_view type) {
  if (type == "IHDR") return 13;
  if (type == "cHRM") return 32;
  if (type == "fcTL") return 26;
  if (type == "pHYs") return 9;
  if (type == "acTL") return 8;
  if (type == "gAMA" || type == "fdAT") return 4;
  if (type == "sRGB") return 1;
  return 0;
}

}  // namespace

unsigned PngHeader::channels() const {
  switch (colour) {
    case PngColour::kRgb:
      return 3;
    case PngColour::kGrayAlpha:
      return 2;
    case PngColour::kRgba:
      return 4;
    case PngColour::kGray:
    case PngColour::kPalette:
      break;
  }
  return 1;
}

PngChunks::PngChunks(ByteSpan file) : file_(file) {
  header_.palette_alpha.fill(255);
  read_header();
}

void PngChunks::fail(std::string message) const {
  throw Error(ErrorCode::kData, std::move(message), {"", "", std::min(pos_, file_.size())});
}

std::optional<PngChunks::Chunk> PngChunks::try_read_chunk() {
  if (pos_ > file_.size() || file_.size() - pos_ < 4) return std::nullopt;
  if (file_.size() - pos_ < 8) fail("broken PNG file: the file ends within a chunk's name");
  Chunk chunk{};
  chunk.length = be32(file_, pos_);
  for (std::size_t i = 0; i < 4; ++i) chunk.type[i] = static_cast<char>(byte_at(file_, pos_ + 4 + i));
  if (!is_chunk_type({chunk.type.data(), 4})) {
    fail(fmt::format("broken PNG file: '{}' is no chunk name", printable({chunk.type.data(), 4})));
  }
  pos_ += 8;
  chunk.data = pos_;
  return chunk;
}

ByteSpan PngChunks::data_of(const Chunk& chunk) {
  if (file_.size() - pos_ < chunk.length) fail("the PNG file is truncated");
  pos_ += chunk.length;
  return file_.subspan(chunk.data, chunk.length);
}

void PngChunks::check_crc(const Chunk& chunk, ByteSpan data) {
  if (file_.size() - pos_ < 4) fail("the PNG file is truncated");
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>(chunk.type.data()), 4);
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
  if (crc != be32(file_, pos_)) {
    fail(fmt::format("broken PNG file: the checksum of {} is wrong", std::string_view(chunk.type.data(), 4)));
  }
  pos_ += 4;
}

void PngChunks::read_header() {
  while (true) {
    const auto chunk = try_read_chunk();
    if (!chunk) fail("the PNG file is truncated: no image data");
    if (chunk->is("IDAT")) {
      data_left_ = chunk->length;
      default_image_ = frames_.has_value() && !has_frame_;
      break;
    }
    if (chunk->is("IEND")) fail("broken PNG file: no image data");
    if (chunk->is("fdAT")) fail("an animated PNG whose first frame is not its image is not supported");
    const ByteSpan data = data_of(*chunk);
    handle(*chunk, data);
    check_crc(*chunk, data);
  }
  in_data_ = true;
  if (!has_header_) fail("broken PNG file: image data without a header");
  if (header_.colour == PngColour::kPalette && !has_palette_) fail("broken PNG file: the palette is missing");
}

ByteSpan PngChunks::next_data() {
  while (data_left_ == 0) {
    pos_ += 4;  // the CRC, which Pillow skips here
    const auto chunk = try_read_chunk();
    if (!chunk || !(chunk->is("IDAT") || chunk->is("DDAT"))) fail("the PNG file is truncated");
    data_left_ = chunk->length;
  }
  const std::size_t wanted = std::min(kReadBlock, data_left_);
  data_left_ -= wanted;
  const std::size_t available = std::min(wanted, file_.size() - pos_);
  if (available == 0) fail("the PNG file is truncated");
  const ByteSpan data = file_.subspan(pos_, available);
  pos_ += available;
  return data;
}

void PngChunks::finish() {
  const std::size_t rest = std::min(data_left_, file_.size() - pos_);
  pos_ += rest;
  const bool animated = frames_.value_or(1) + (default_image_ ? 1 : 0) > 1;
  while (true) {
    pos_ += 4;
    std::optional<Chunk> chunk;
    try {
      chunk = try_read_chunk();
    } catch (const Error&) {
      return;  // nonsense behind complete pixels is ignored
    }
    if (!chunk || chunk->is("IEND") || (chunk->is("fcTL") && animated)) return;
    const ByteSpan data = data_of(*chunk);
    if (!chunk->is("IDAT")) handle(*chunk, data);
  }
}

void PngChunks::handle(const Chunk& chunk, ByteSpan data) {
  const std::string_view type(chunk.type.data(), 4);
  if (data.size() < least_length(type)) fail(fmt::format("broken PNG file: the chunk {} is too short", type));
  if (type == "IHDR") {
    handle_ihdr(data);
  } else if (type == "PLTE") {
    handle_palette(data);
  } else if (type == "tRNS") {
    handle_transparency(data);
  } else if (type == "acTL") {
    handle_animation(data);
  } else if (type == "fcTL") {
    handle_frame(data);
  } else if (type == "fdAT") {
    if (!sequence_ || *sequence_ + 1 != be32(data, 0)) fail("broken PNG file: animation frames out of order");
    sequence_ = be32(data, 0);
  } else if (type == "iCCP" || type == "tEXt" || type == "zTXt" || type == "iTXt") {
    handle_text(chunk, data);
  }
}

void PngChunks::handle_ihdr(ByteSpan data) {
  if (byte_at(data, 11) != 0) fail("broken PNG file: unknown filter method");
  if (in_data_) return;
  if (has_header_) fail("broken PNG file: two headers");
  const unsigned depth = byte_at(data, 8);
  const unsigned colour = byte_at(data, 9);
  if (!is_supported(depth, colour)) {
    fail(fmt::format("broken PNG file: {} bits of colour type {} do not exist", depth, colour));
  }
  if (be32(data, 0) > INT32_MAX || be32(data, 4) > INT32_MAX) fail("broken PNG file: the image is too large");
  header_.width = static_cast<int>(be32(data, 0));
  header_.height = static_cast<int>(be32(data, 4));
  header_.depth = depth;
  header_.colour = static_cast<PngColour>(colour);
  header_.interlaced = byte_at(data, 12) != 0;
  has_header_ = true;
}

void PngChunks::handle_palette(ByteSpan data) {
  if (in_data_ || !has_header_ || header_.colour != PngColour::kPalette) return;
  const std::size_t entries = data.size() / 3;
  if (entries == 0 || entries > kMaxPaletteEntries)
    fail(fmt::format("broken PNG file: {} palette entries", entries));
  header_.palette = {};
  for (std::size_t i = 0; i < entries; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      header_.palette[i][c] = static_cast<std::uint8_t>(byte_at(data, 3 * i + c));
  }
  has_palette_ = true;
}

void PngChunks::handle_transparency(ByteSpan data) {
  if (!has_header_) return;
  const std::size_t least = header_.colour == PngColour::kGray  ? 2
                            : header_.colour == PngColour::kRgb ? 6
                                                                : 0;
  // 16-bit colour is reduced to 8 bits as it is read, but Pillow still expects three 16-bit values here.
  if (data.size() < least) fail("broken PNG file: the chunk tRNS is too short");
  if (in_data_) return;
  header_.has_transparency_chunk = true;
  if (header_.colour != PngColour::kPalette) return;
  header_.palette_alpha.fill(255);
  for (std::size_t i = 0; i < std::min(data.size(), kMaxPaletteEntries); ++i) {
    header_.palette_alpha[i] = static_cast<std::uint8_t>(byte_at(data, i));
  }
}

void PngChunks::handle_animation(ByteSpan data) {
  if (in_data_) return;
  const std::uint32_t frames = be32(data, 0);
  if (frames_) {
    frames_.reset();  // Pillow then takes the file for a still image
  } else if (frames != 0 && frames <= 0x80000000U) {
    frames_ = frames;
  }
}

void PngChunks::handle_frame(ByteSpan data) {
  const std::uint32_t sequence = be32(data, 0);
  if (sequence != (sequence_ ? *sequence_ + 1 : 0)) fail("broken PNG file: animation frames out of order");
  sequence_ = sequence;
  has_frame_ = true;
  const bool whole = be32(data, 4) == static_cast<std::uint32_t>(header_.width) &&
                     be32(data, 8) == static_cast<std::uint32_t>(header_.height) && be32(data, 12) == 0 &&
                     be32(data, 16) == 0;
  if (!whole) fail("an animated PNG whose first frame does not fill the image is not supported");
}

}  // namespace bteval::image
