#include "image/jpeg_header.h"

#include <algorithm>
#include <optional>

#include "core/error.h"

namespace bteval::image {
namespace {

constexpr unsigned kSof0 = 0xC0, kSof15 = 0xCF, kDht = 0xC4, kJpg = 0xC8, kDac = 0xCC;
constexpr unsigned kRst0 = 0xD0, kEoi = 0xD9, kSos = 0xDA, kDqt = 0xDB, kDhp = 0xDE;
constexpr unsigned kApp0 = 0xE0, kApp1 = 0xE1, kApp2 = 0xE2, kApp13 = 0xED, kApp14 = 0xEE;
constexpr unsigned kJpg0 = 0xF0, kJpg13 = 0xFD;

[[noreturn]] void fail(std::size_t offset, std::string message) {
  throw Error(ErrorCode::kData, "broken JPEG header: " + std::move(message), {"", "", offset});
}

bool is_frame_header(unsigned marker) {
  if (marker == kDhp) return true;  // Pillow reads it as a frame; libjpeg then refuses it
  return marker >= kSof0 && marker <= kSof15 && marker != kDht && marker != kJpg && marker != kDac;
}

bool has_no_segment(unsigned marker) {
  return marker == kJpg || (marker >= kRst0 && marker <= kEoi) || (marker >= kJpg0 && marker <= kJpg13);
}

/// Photoshop's resource blocks: Pillow stumbles (IndexError) where the data ends just before a resource's
/// name.
bool photoshop_block_is_readable(ByteSpan data) {
  std::size_t pos = 14;
  while (pos <= data.size() && starts_with(data.subspan(pos), "8BIM")) {
    pos += 4;
    if (pos + 2 > data.size()) return true;  // a struct.error, which Pillow forgives
    const unsigned code = be16(data, pos);
    pos += 2;
    if (pos >= data.size()) return false;
    pos += 1 + byte_at(data, pos);
    pos += pos & 1;
    if (pos + 4 > data.size()) return true;
    const std::size_t size = be32(data, pos);
    pos += 4;
    if (code == 0x03ED && std::min(size, data.size() - pos) < 14)
      return true;  // resolution, forgiven as well
    pos += size;
    pos += pos & 1;
  }
  return true;
}

class HeaderReader {
 public:
  explicit HeaderReader(ByteSpan file) : file_(file) {}

  JpegHeader read() {
    std::size_t pos = 2;
    while (true) {
      // Everything that is no 0xFF between segments is skipped, like fill bytes and escaped 0xFF00.
      while (pos < file_.size() && byte_at(file_, pos) != 0xFF) ++pos;
      if (pos + 1 >= file_.size()) fail(file_.size(), "the file ends before the image data");
      const unsigned marker = byte_at(file_, pos + 1);
      if (marker == 0xFF) {
        ++pos;
        continue;
      }
      if (marker != 0 && marker < kSof0) fail(pos, fmt::format("0xFF{:02X} is no marker", marker));
      pos += 2;
      if (marker == 0 || has_no_segment(marker)) continue;
      const ByteSpan data = segment(pos);
      handle(marker, data, pos);
      pos += 2 + data.size();
      if (marker == kSos) break;
    }
    if (!header_) fail(pos, "a scan without a frame header");
    return *header_;
  }

 private:
  ByteSpan segment(std::size_t pos) const {
    if (pos + 2 > file_.size()) fail(pos, "the file ends within a segment");
    const unsigned length = be16(file_, pos);
    if (length <= 2) return {};
    if (pos + length > file_.size()) fail(pos, "the file ends within a segment");
    return file_.subspan(pos + 2, length - 2);
  }

  void handle(unsigned marker, ByteSpan data, std::size_t pos) {
    if (is_frame_header(marker)) {
      read_frame(data, pos);
    } else if (marker == kDqt) {
      check_quantisation(data, pos);
    } else if (marker >= kApp0 && marker <= kApp14) {
      check_application(marker, data, pos);
    }
  }

  void read_frame(ByteSpan data, std::size_t pos) {
    if (data.size() < 6) fail(pos, "the frame header is too short");
    const unsigned bits = byte_at(data, 0);
    const unsigned components = byte_at(data, 5);
    if (bits != 8) fail(pos, fmt::format("{} bits per sample (only 8 are supported)", bits));
    if (components != 1 && components != 3 && components != 4) {
      fail(pos, fmt::format("{} components (only 1, 3 and 4 are supported)", components));
    }
    if (short_icc_) fail(pos, "an ICC profile segment is too short");
    if ((data.size() - 6) % 3 != 0) fail(pos, "the frame header has an odd length");
    header_ = JpegHeader{static_cast<int>(be16(data, 3)), static_cast<int>(be16(data, 1)),
                         static_cast<int>(components)};
  }

  static void check_quantisation(ByteSpan data, std::size_t pos) {
    while (!data.empty()) {
      const std::size_t length = byte_at(data, 0) / 16 == 0 ? 65 : 129;
      if (data.size() < length) fail(pos, "a quantisation table is too short");
      data = data.subspan(length);
    }
  }

  void check_application(unsigned marker, ByteSpan data, std::size_t pos) {
    using namespace std::string_view_literals;
    if (marker == kApp0 && starts_with(data, "JFIF") && data.size() < 7)
      fail(pos, "the JFIF segment is too short");
    if (marker == kApp14 && starts_with(data, "Adobe") && data.size() < 7)
      fail(pos, "the Adobe segment is too short");
    if (marker == kApp2 && starts_with(data, "ICC_PROFILE\0"sv) && data.size() < 14) short_icc_ = true;
    if (marker == kApp13 && starts_with(data, "Photoshop 3.0\0"sv) && !photoshop_block_is_readable(data)) {
      fail(pos, "a Photoshop resource is cut off");
    }
  }

  ByteSpan file_;
  std::optional<JpegHeader> header_;
  bool short_icc_ = false;
};

}  // namespace

JpegHeader read_jpeg_header(ByteSpan file) { return HeaderReader(file).read(); }

}  // namespace bteval::image
