// Annotation files of image-caption retrieval, in the three forms that are in use, read from memory.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace bteval::datasets {

/// Told apart by content.
enum class RetrievalForm {
  /// Karpathy's dataset_flickr30k.json and dataset_coco.json: {"images": [{"filename", "filepath", "cocoid",
  /// "split", "sentences": [{"raw", "sentid"}]}]}; all splits in one file.
  kKarpathy,
  /// What ALBEF and BLIP distribute: [{"image": "val2014/….jpg", "caption": ["…", …]}], or one record a
  /// caption
  /// with a string; one file a split.
  kList,
  /// COCO's own captions_val2017.json: {"images": [{"id", "file_name"}], "annotations": [{"id", "image_id",
  /// "caption"}]}; one file a split.
  kCoco,
  /// No JSON but the .arrow table that ViLT, METER and BridgeTower's scripts write (arrow_splits.h).
  kArrow,
};

/// "karpathy", "list", "coco", "arrow".
std::string retrieval_form_name(RetrievalForm form);

struct RetrievalImage {
  std::string
      path;  ///< below the image folder: "val2014/COCO_val2014_000000391895.jpg"; "" where the file has none
  std::string id;  ///< COCO's number ("391895") where there is one, else the file's name without extension
};

struct RetrievalCaption {
  std::uint32_t image = 0;  ///< index into RetrievalAnnotations::images
  std::string id;           ///< sentid, annotation id, or "<image index>#<n-th caption of it, from 0>"
  std::string text;         ///< as the file has it: blanks and newlines are kept
};

/// Captions in file order; images in the order of the file's images (COCO) or records (the others).
struct RetrievalAnnotations {
  RetrievalForm form = RetrievalForm::kKarpathy;
  std::vector<RetrievalImage> images;
  std::vector<RetrievalCaption> captions;
  std::map<std::string, std::uint64_t>
      splits;  ///< images by split in the whole file; only where it says splits
};

/// Reads what belongs to `splits`; the forms that know no splits are read whole.
///
/// Error(kData) naming file, record and byte offset for: malformed JSON; a missing member or one of another
/// type; an image path that is absolute or leaves its folder; an image that stands twice (where the form has
/// one record an image); a caption id that stands twice; an image without captions; a caption of an unknown
/// image. Ids may be integers or strings of decimal digits.
RetrievalAnnotations read_retrieval_annotations(const Bytes& file, std::span<const std::string> splits);

}  // namespace bteval::datasets
