// Where the files of NLVR2 lie under a root folder: docs/nlvr2.md shows the trees.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/nlvr2_json.h"

namespace bteval::datasets {

/// "dev" for "val", "test1" for "test" and "test-P", "test2" for "test-U"; any other name stands for itself.
std::string nlvr2_split(const std::string& name);

/// The folders under `root` that may hold the JSON files, in the order in which they are searched. Below each
/// one, balanced/ and unbalanced/ are searched, too.
std::vector<std::filesystem::path> nlvr2_json_folders(const std::filesystem::path& root);

/// `<split>.json`. Error(kData) naming the places looked at where an official split's file is not there,
/// Error(kUsage) listing the splits found for other names.
std::filesystem::path find_nlvr2_annotations(const std::filesystem::path& root, const std::string& split);

/// `<kind>_<split>.json` ("balanced", "unbalanced") beside the annotations or in a folder <kind>/ there.
std::optional<std::filesystem::path> find_nlvr2_subset(const std::filesystem::path& annotations,
                                                       const std::string& kind, const std::string& split);

/// Finds the folder of a split's images once, and gives the path of every image in it.
///
/// The images of "train-…" lie in folders numbered by the record's `directory`; those of other splits side by
/// side. The extension is .png, or .jpg where the first image has no .png but a .jpg.
class Nlvr2ImageFolder {
 public:
  /// `first` is an example of the split. Error(kData) naming the places looked at where none is a folder.
  /// Of several the first one that has the left image of `first` is taken.
  Nlvr2ImageFolder(const std::vector<std::filesystem::path>& roots, const Nlvr2Record& first);

  /// Path of the image `name` (Nlvr2Identifier::image_name) of a record with this `directory`.
  std::string path(const std::string& name, const std::string& directory) const;

 private:
  Nlvr2ImageFolder(std::filesystem::path folder, const char* extension)
      : folder_(std::move(folder)), extension_(extension) {}

  std::filesystem::path folder_;
  const char* extension_ = ".png";
};

/// The folders that may hold the split folders dev/, test1/ and train/.
std::vector<std::filesystem::path> nlvr2_image_roots(const std::filesystem::path& root);

}  // namespace bteval::datasets
