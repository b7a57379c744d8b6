// Flickr30K and MSCOCO image-caption retrieval: docs/retrieval.md shows the files and folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/retrieval_json.h"
#include "records/sample.h"
#include "records/source_file.h"

namespace bteval::datasets {

struct RetrievalOptions {
  std::string dataset = "flickr30k";  ///< "flickr30k" or "coco"
  std::filesystem::path root;         ///< searched as retrieval_layout.h says; may be empty with paths below
  /// "train", "restval", "val", "test", another one of the file's, or several joined by '+': BridgeTower
  /// trains on "train+restval" of COCO and "train+val" of Flickr30K.
  std::string split = "test";
  std::filesystem::path annotations;  ///< annotation file instead of the one that is searched
  std::filesystem::path images;       ///< folder that the annotations' image paths start in
  bool with_images = true;            ///< look for the image folder; without, the paths of images stay empty
  bool arrow = false;  ///< read the split's .arrow table although there are annotation files (arrow_splits.h)
  /// Drop captions that an earlier one of the same image equals. BridgeTower's loader does so through an
  /// unordered set of Python, so that its order cannot be repeated; here the first of equals stays in its
  /// place.
  bool unique_captions = false;
};

struct RetrievalCounts {
  std::uint64_t images = 0;
  std::uint64_t captions = 0;
  std::uint64_t min_captions_per_image = 0;
  std::uint64_t max_captions_per_image = 0;
  std::uint64_t duplicates_in_image = 0;  ///< captions that an earlier one of the same image equals
  std::uint64_t dropped = 0;              ///< duplicates_in_image with unique_captions, else 0
  std::uint64_t shared_texts = 0;         ///< distinct texts that stand under more than one image
  std::uint64_t blank = 0;                ///< captions of nothing but white space
};

/// A split, ready to be evaluated.
struct Retrieval {
  std::string dataset;  ///< as asked for
  std::string split;    ///< as asked for
  RetrievalForm form = RetrievalForm::kKarpathy;
  records::SampleSet samples;   ///< one sample a caption, in file order, with one image each
  std::string captions_sha256;  ///< over images' indices and texts in order, whatever form they came in
  RetrievalCounts counts;       ///< after `dropped` were dropped
  std::vector<records::SourceFile> files;  ///< the annotation file
};

/// Reads a split; from its .arrow tables (arrow_splits.h) where there is no annotation file but these.
/// Error(kUsage) for an unknown data set or split; Error(kData) naming file and record for what
/// read_retrieval_annotations() refuses, and where no image folder is found. Image files are not opened: see
/// image_check.h.
Retrieval open_retrieval(const RetrievalOptions& options);

/// By caption, the index of its image.
std::vector<std::uint32_t> image_of_captions(const records::SampleSet& samples);

}  // namespace bteval::datasets
