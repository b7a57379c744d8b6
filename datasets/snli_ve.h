// SNLI-VE (Xie et al., 2019) in its published layout: docs/snli_ve.md shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "records/sample.h"
#include "records/snli_ve.h"
#include "records/source_file.h"

namespace bteval::datasets {

struct SnliVeOptions {
  std::filesystem::path
      root;  ///< searched as snli_ve_layout.h says; may be empty where `annotations` is given
  std::string split = "dev";          ///< "train", "dev", "test", or NAME of a snli_ve_NAME.jsonl
  std::filesystem::path annotations;  ///< annotation file instead of the one that is searched
  std::filesystem::path images;       ///< folder of the images instead of the one that is searched
  bool with_images = true;            ///< look for the image folder; without, the paths of images stay empty
  bool arrow = false;  ///< read the split's .arrow table although there are annotation files (arrow_splits.h)
};

/// A split, ready to be evaluated.
struct SnliVe {
  std::string split;           ///< "dev"; the annotation file's name without "snli_ve_" where that is given
  records::SampleSet samples;  ///< in file order; ids are pairIDs, texts hypotheses
  std::vector<std::optional<records::SnliVeClass>> labels;  ///< by sample
  bool has_pair_ids = true;          ///< without, ids are "row-1", "row-2", … in file order
  std::uint64_t unlabelled = 0;      ///< samples without a gold label ("-", or hidden): they are not scored
  std::uint64_t repeated_pairs = 0;  ///< (image, hypothesis) that stand more than once
  std::uint64_t conflicting_pairs = 0;     ///< of those, the ones with different gold labels
  std::vector<records::SourceFile> files;  ///< the annotations
};

/// Reads a split; from its .arrow table (arrow_splits.h) where there is no annotation file but one.
/// Error(kUsage) for an unknown split; Error(kData) naming file and record for everything that is missing or
/// malformed, and for a pairID that stands twice. Pairs of image and hypothesis that repeat are in the
/// published files: they count as often as they stand there.
///
/// Image files are not opened: see image_check.h. Their names are <image id>.jpg, and ids are plain names.
SnliVe open_snli_ve(const SnliVeOptions& options);

}  // namespace bteval::datasets
