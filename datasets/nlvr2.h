// NLVR2 (https://lil.nlp.cornell.edu/nlvr/) in its published layout: docs/nlvr2.md shows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "records/nlvr2.h"
#include "records/sample.h"
#include "records/source_file.h"

namespace bteval::datasets {

struct Nlvr2Options {
  std::filesystem::path root;  ///< searched as nlvr2_layout.h says; may be empty where `annotations` is given
  std::string split = "dev";  ///< "train", "dev", "test1", "test2", "balanced_dev", …, or NAME of a NAME.json
  std::filesystem::path annotations;  ///< annotation file instead of the one that is searched
  std::filesystem::path balanced;     ///< file with the balanced subset, instead of the one that is searched
  std::filesystem::path unbalanced;
  std::filesystem::path categories;  ///< reasoning categories (nlvr2_categories.h); none by default
  std::filesystem::path images;      ///< folder of dev/, test1/, train/, or that folder itself
  bool with_images = true;           ///< look for the image folder; without, the paths of images stay empty
  bool arrow = false;  ///< read the split's .arrow table although there are annotation files (arrow_splits.h)
};

/// A split, ready to be evaluated.
struct Nlvr2 {
  std::string split;  ///< "dev"; the annotation file's name without .json where that is given
  records::SampleSet
      samples;  ///< in file order; ids are identifiers; each has its left, then its right image
  records::Nlvr2Labels labels;
  bool official_ids = true;              ///< false: from an .arrow table, which lacks the sentences' numbers
  std::uint64_t unlabelled = 0;          ///< examples without a label
  std::uint64_t unknown_categories = 0;  ///< entries of the category file for other examples, left out
  std::vector<records::SourceFile> files;  ///< annotations, then balanced, unbalanced, categories where given
};

/// Reads a split; from its .arrow table (arrow_splits.h) where there is no annotation file but one. The
/// balanced and unbalanced subsets are found beside the annotations (`balanced_dev.json`, or in balanced/)
/// where they are not given. Error(kUsage) for an unknown split; Error(kData) naming file and record for
/// everything that is missing, malformed or contradicting: an identifier that stands twice, a subset with an
/// example that the split does not have, or with another label.
///
/// Image files are not opened: see image_check.h. An image's name is made of its example's identifier, whose
/// form is checked, so that it never leaves the folder.
Nlvr2 open_nlvr2(const Nlvr2Options& options);

}  // namespace bteval::datasets
