// Texts and profiles in PNG files. Their content does not matter here, but Pillow refuses the whole image
// where they unpack to too much or name an unknown compression, so they decide whether there is an image.
#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "image/png_chunks.h"

namespace bteval::image {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;         // PngImagePlugin.MAX_TEXT_CHUNK
constexpr std::size_t kMaxTextMemory = std::size_t{64} << 20;  // MAX_TEXT_MEMORY
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::size_t find_zero(ByteSpan bytes) {
  const auto found = std::find(bytes.begin(), bytes.end(), std::byte{0});
  return found == bytes.end() ? kNone : static_cast<std::size_t>(found - bytes.begin());
}

}  // namespace

std::optional<std::size_t> inflated_text_size(ByteSpan stream) {
  z_stream z{};
  if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  std::array<unsigned char, 16384> out;
  z.next_in = reinterpret_cast<z_const Bytef*>(const_cast<std::byte*>(stream.data()));
  z.avail_in = static_cast<uInt>(std::min<std::size_t>(stream.size(), UINT32_MAX));
  std::size_t size = 0;
  int status = Z_OK;
  while (status == Z_OK && size < kMaxText) {
    z.next_out = out.data();
    z.avail_out = static_cast<uInt>(std::min(out.size(), kMaxText - size));
    const uInt room = z.avail_out;
    status = inflate(&z, Z_SYNC_FLUSH);
    size += room - z.avail_out;
  }
  const bool unread = z.avail_in > 0;
  inflateEnd(&z);
  if (status == Z_STREAM_END || status == Z_BUF_ERROR) return size;
  if (status != Z_OK) return std::nullopt;
  if (unread)
    throw Error(ErrorCode::kData, "a compressed text or profile in the PNG file unpacks to more than 1 MiB");
  return size;
}

void PngChunks::handle_text(const Chunk& chunk, ByteSpan data) {
  const std::size_t zero = find_zero(data);
  if (chunk.is("iCCP")) {
    const std::size_t method = zero == kNone ? 0 : zero + 1;
    if (method >= data.size()) fail("broken PNG file: the colour profile is cut off");
    if (byte_at(data, method) != 0) fail("broken PNG file: unknown compression of the colour profile");
    inflated_text_size(data.subspan(method + 1));
    return;
  }
  const ByteSpan value = zero == kNone ? ByteSpan{} : data.subspan(zero + 1);
  if (chunk.is("tEXt")) {
    if (zero != 0 && !data.empty()) text_bytes_ += value.size();
  } else if (chunk.is("zTXt")) {
    if (!value.empty() && byte_at(value, 0) != 0) fail("broken PNG file: unknown compression of a text");
    const auto size = inflated_text_size(value.empty() ? value : value.subspan(1));
    if (zero != 0) text_bytes_ += size.value_or(0);
  } else if (zero != kNone && value.size() >= 2) {  // iTXt: flag, method, language, 0, keyword, 0, text
    ByteSpan text = value.subspan(2);
    for (int part = 0; part < 2; ++part) {
      const std::size_t end = find_zero(text);
      if (end == kNone) return;
      text = text.subspan(end + 1);
    }
    const bool compressed = byte_at(value, 0) != 0;
    if (compressed && byte_at(value, 1) != 0) return;
    text_bytes_ += compressed ? inflated_text_size(text).value_or(0) : text.size();
  }
  if (text_bytes_ > kMaxTextMemory) fail("the texts in the PNG file need more than 64 MiB");
}

}  // namespace bteval::image
