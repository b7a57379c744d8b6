#include "datasets/file_content.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bteval::datasets {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  FileContent content;
};

constexpr std::array kSignatures = {
    Signature{0, "\xff\xd8\xff"sv, FileContent::kJpeg},
    Signature{0, "\x89PNG\r\n\x1a\n"sv, FileContent::kPng},
    Signature{8, "WEBP"sv, FileContent::kWebp},  // behind RIFF and a size
    Signature{0, "GIF87a"sv, FileContent::kGif},
    Signature{0, "GIF89a"sv, FileContent::kGif},
    Signature{0, "II*\0"sv, FileContent::kTiff},
    Signature{0, "MM\0*"sv, FileContent::kTiff},
    Signature{4, "ftyp"sv, FileContent::kHeif},
    Signature{0, "\0\0\0\x0cjP  "sv, FileContent::kJpeg2000},
    Signature{0, "\xff\x4f\xff\x51"sv, FileContent::kJpeg2000},
    Signature{0, "PK\x03\x04"sv, FileContent::kArchive},
    Signature{0, "\x1f\x8b"sv, FileContent::kArchive},
    Signature{257, "ustar"sv, FileContent::kArchive},
    Signature{0, "version https://git-lfs.github.com/spec/"sv, FileContent::kLfsPointer},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_markup(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  const std::string head = lower(text.substr(start, 16));
  for (const std::string_view tag : {"<!doctype"sv, "<html"sv, "<head"sv, "<?xml"sv, "<svg"sv, "<error"sv}) {
    if (head.starts_with(tag)) return true;
  }
  return false;
}

// Only text as people and programs write it: no control characters but white space.
bool is_text(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : (c == '\n' || c == '\r' || c == '\t' || c == '\f');
  });
}

}  // namespace

FileContent file_content(std::span<const std::byte> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (text.empty()) return FileContent::kEmpty;
  for (const Signature& known : kSignatures) {
    if (text.size() > known.offset && text.substr(known.offset).starts_with(known.bytes))
      return known.content;
  }
  if (text.starts_with("BM") && !is_text(text.substr(0, 64))) return FileContent::kBmp;
  const std::string_view body = text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
  if (is_markup(body)) return FileContent::kHtml;
  return is_text(body) ? FileContent::kText : FileContent::kUnknown;
}

std::string content_name(FileContent content) {
  switch (content) {
    case FileContent::kEmpty:
      return "empty";
    case FileContent::kJpeg:
      return "a JPEG image";
    case FileContent::kPng:
      return "a PNG image";
    case FileContent::kWebp:
      return "a WebP image";
    case FileContent::kBmp:
      return "a BMP image";
    case FileContent::kGif:
      return "a GIF image";
    case FileContent::kTiff:
      return "a TIFF image";
    case FileContent::kHeif:
      return "a HEIF or AVIF image or a video";
    case FileContent::kJpeg2000:
      return "a JPEG 2000 image";
    case FileContent::kLfsPointer:
      return "a Git LFS pointer";
    case FileContent::kHtml:
      return "an HTML or XML page";
    case FileContent::kArchive:
      return "an archive";
    case FileContent::kText:
      return "text";
    case FileContent::kUnknown:
      break;
  }
  return "unknown content";
}

bool is_readable_image(FileContent content) {
  return content == FileContent::kJpeg || content == FileContent::kPng || content == FileContent::kWebp ||
         content == FileContent::kBmp;
}

bool is_other_image(FileContent content) {
  return content == FileContent::kGif || content == FileContent::kTiff || content == FileContent::kHeif ||
         content == FileContent::kJpeg2000;
}

bool contradicts_extension(FileContent content, const std::string& extension) {
  const std::string name = lower(extension);
  if (name == ".jpg" || name == ".jpeg") return content != FileContent::kJpeg;
  if (name == ".png") return content != FileContent::kPng;
  if (name == ".webp") return content != FileContent::kWebp;
  if (name == ".bmp") return content != FileContent::kBmp;
  return false;
}

}  // namespace bteval::datasets
