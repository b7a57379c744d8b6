// VQAv2 in its official layout (https://visualqa.org/download.html): docs/vqav2.md shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "records/sample.h"
#include "records/source_file.h"
#include "records/vqa.h"

namespace bteval::datasets {

struct Vqav2Options {
  std::filesystem::path
      root;  ///< searched as vqav2_layout.h says; may be empty where the paths below are given
  std::string split =
      "val";  ///< "train", "val", "test", "test-dev" or the middle part of another file's name
  std::filesystem::path questions;    ///< question file instead of the one that is searched
  std::filesystem::path annotations;  ///< annotation file instead of the one that is searched
  std::filesystem::path images;       ///< folder of the images, or of the folder val2014/ and so on
  bool with_images = true;            ///< look for the image folder; without, the paths of images stay empty
  bool arrow = false;  ///< read the split's .arrow table although there are annotation files (arrow_splits.h)
};

/// Questions and annotations of one split that fit together.
struct VqaAnswerSheet {
  std::vector<std::int64_t> question_ids;              ///< in the question file's order
  std::optional<records::VqaAnnotations> annotations;  ///< in the annotation file's order
  std::vector<std::uint32_t> annotation_of_question;   ///< by question; empty without annotations
  /// Whether the annotations were made of an .arrow table's soft scores: only the scorer label-score may use
  /// them, because the ten human answers are not known.
  bool soft_scores_only = false;
};

/// A split, ready to be evaluated.
struct Vqav2 {
  std::string split;           ///< as asked for
  std::string data_subtype;    ///< as the question file says: "val2014"
  records::SampleSet samples;  ///< in the question file's order; ids are question ids
  VqaAnswerSheet sheet;
  std::vector<records::SourceFile> files;  ///< questions, then annotations
};

/// Reads a split; from its .arrow table (arrow_splits.h) where there are no annotation files but one.
/// Error(kUsage) for an unknown split; Error(kData) naming file and record for everything that is missing,
/// malformed or contradicting: a question id that stands twice, a question without annotation, an annotation
/// without question, or with another image.
///
/// Image files are not opened: see image_check.h. The file names are COCO_<data_subtype>_<12 digits>.jpg, or
/// .png where the first image has no .jpg but a .png.
Vqav2 open_vqav2(const Vqav2Options& options);

/// The same for a question and an annotation file that need no images: for scoring results.
Vqav2 open_vqav2_files(const std::filesystem::path& questions, const std::filesystem::path& annotations);

}  // namespace bteval::datasets
