// Telling the user what a file is that should have been an image.
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "core/error.h"
#include "image/decoders.h"

namespace bteval::image {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view prefix;
  std::string_view description;
};

constexpr std::array<Signature, 16> kSignatures = {{
    {0, "version https://git-lfs"sv, "a Git LFS pointer (fetch the file itself with `git lfs pull`)"sv},
    {0, "GIF8"sv, "a GIF image, which is not supported (convert it to PNG)"sv},
    {0, "II*\0"sv, "a TIFF image, which is not supported (convert it to PNG)"sv},
    {0, "MM\0*"sv, "a TIFF image, which is not supported (convert it to PNG)"sv},
    {4, "ftypavif"sv, "an AVIF image, which is not supported (convert it to PNG)"sv},
    {4, "ftyp"sv, "a HEIF image or a video, which is not supported (convert it to PNG)"sv},
    {0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 image, which is not supported (convert it to PNG)"sv},
    {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 image, which is not supported (convert it to PNG)"sv},
    {0, "\xff\xd8"sv, "the start of a JPEG file and nothing that follows one"sv},
    {0, "\x89PNG"sv, "a PNG file whose signature is damaged"sv},
    {0, "8BPS"sv, "a Photoshop document"sv},
    {0, "%PDF"sv, "a PDF document"sv},
    {0, "PK\x03\x04"sv, "a zip archive"sv},
    {0, "\x1f\x8b"sv, "a gzip archive"sv},
    {0, "{"sv, "JSON or other text"sv},
    {0, "BM"sv, "a truncated BMP file"sv},
}};

bool is_html(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '<') return false;
  std::string head(text.substr(start, 20));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  return head.starts_with("<!doctype") || head.starts_with("<html") || head.starts_with("<?xml") ||
         head.starts_with("<svg");
}

}  // namespace

std::string describe_content(ByteSpan file) {
  if (file.empty()) return "the file is empty";
  for (const Signature& known : kSignatures) {
    if (file.size() > known.offset && starts_with(file.subspan(known.offset), known.prefix)) {
      return std::string(known.description);
    }
  }
  const std::string_view head(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 64));
  if (is_html(head)) return "an HTML or XML page (a failed download?)";
  const bool text = std::all_of(head.begin(), head.end(), [](unsigned char c) {
    return c >= 0x80 || std::isprint(c) != 0 || std::isspace(c) != 0;
  });
  const std::string shown = printable(head.substr(0, 24));
  return fmt::format("{} that begins with \"{}\"", text ? "text" : "unknown content", shown);
}

}  // namespace bteval::image
