// What a file is, by its first bytes: names lie.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace bteval::datasets {

enum class FileContent {
  kEmpty,
  kJpeg,
  kPng,
  kWebp,
  kBmp,
  kGif,
  kTiff,
  kHeif,  ///< HEIF, AVIF, or a video in the same container
  kJpeg2000,
  kLfsPointer,  ///< what Git leaves where a large file was not fetched
  kHtml,        ///< an HTML or XML page: often a server's error message
  kArchive,     ///< zip, gzip, tar
  kText,
  kUnknown,
};

/// Looks at the start of a file; 512 bytes are enough.
FileContent file_content(std::span<const std::byte> head);

/// "a Git LFS pointer", "an HTML or XML page", "a JPEG image".
std::string content_name(FileContent content);

/// JPEG, PNG, WebP and BMP: what bteval decodes.
bool is_readable_image(FileContent content);
/// GIF, TIFF, HEIF, JPEG 2000: images that bteval does not decode.
bool is_other_image(FileContent content);

/// Whether a file with this extension (".jpg", ".PNG") promises something else than `content`. Extensions
/// that promise nothing agree with everything.
bool contradicts_extension(FileContent content, const std::string& extension);

}  // namespace bteval::datasets
