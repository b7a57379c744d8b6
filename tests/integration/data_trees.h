// Small sound data sets of every task in their layouts, for tests that break them.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "core/json.h"
#include "datasets/data_check.h"

namespace bteval::testing {

/// A data set with 16 images that has nothing to complain about. The split's name is not official, so that
/// its size is free.
struct DataTree {
  std::string task;
  std::filesystem::path root;
  std::string split = "tiny";
  std::vector<std::filesystem::path> images;       ///< by number; NLVR2 names JPEG files .png
  std::vector<std::filesystem::path> annotations;  ///< VQAv2: questions, then annotations
  std::vector<Json> records;       ///< of the first annotation file, as write() puts them there
  std::vector<Json> more_records;  ///< of the second one

  /// Writes the annotation files again.
  void write() const;
};

/// "vqav2", "nlvr2", "snli-ve", "flickr30k" (Karpathy's form) or "coco" (ALBEF's form).
DataTree make_data_tree(const std::string& task, const std::filesystem::path& root);

/// Content of a JPEG file of the mini suite; each number has another one.
std::string sample_jpeg(std::size_t number);

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace bteval::testing

namespace bteval::datasets {

/// For GoogleTest's messages.
inline void PrintTo(const Finding& finding, std::ostream* out) {
  *out << finding.where << ": " << finding.what;
}

}  // namespace bteval::datasets
