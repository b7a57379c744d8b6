// Looks at many image files on all cores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "datasets/image_probe.h"

namespace bteval::datasets {

/// Two files with the same content: indices into the paths, the first one the smaller.
struct SameContent {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
};

/// What `scan_images` found; by path unless it says otherwise.
struct ImageScan {
  std::vector<ImageProbe> probes;
  std::vector<SameContent> same;  ///< every file that repeats an earlier one; only after find_same()
};

/// Probes every path. Each folder is listed once, and only files that are in it are opened.
ImageScan scan_images(std::span<const std::string> paths, int threads);

/// Finds the good files with the same content: by size, then by SHA-256.
void find_same(std::span<const std::string> paths, int threads, ImageScan& scan);

/// Calls `decode` with the content of every good or cut off file and turns what it throws into kDamaged.
void decode_images(std::span<const std::string> paths, int threads,
                   const std::function<void(std::span<const std::byte>)>& decode, ImageScan& scan);

/// The image files (by extension) in the folders of `paths` that are none of them, sorted.
std::vector<std::string> extra_images(std::span<const std::string> paths);

}  // namespace bteval::datasets
