// Looks at both ends of an image file, which tells most of what can be wrong with it without decoding it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "datasets/file_content.h"

namespace bteval::datasets {

/// What a look at an image file's ends found.
struct ImageProbe {
  enum class State {
    kGood,
    kMissing,      ///< there is no such file
    kUnreadable,   ///< it is there and cannot be read; `detail` is the system's reason
    kNotAnImage,   ///< a Git LFS pointer, an HTML page, text, nothing, …
    kUnsupported,  ///< an image of a kind that bteval does not decode
    kDamaged,      ///< an image whose header is damaged or incomplete
    kNoEnd,        ///< an image without its end marker: probably cut off
  };
  State state = State::kGood;
  FileContent content = FileContent::kUnknown;
  std::uint64_t size = 0;  ///< bytes
  std::string detail;      ///< why it is not good, in a few words
};

/// Opens the file and reads at most 8 KiB of its start and its end.
ImageProbe probe_image(const std::string& path);

/// The same for an image in memory.
ImageProbe probe_image(std::span<const std::byte> file);

}  // namespace bteval::datasets
