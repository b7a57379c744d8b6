// Where the files of VQAv2 lie under a root folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bteval::datasets {

/// A split and the name that stands in its file names.
struct Vqav2Split {
  std::string name;       ///< as it was asked for: "val", "test-dev", "minitest"
  std::string file_name;  ///< "val2014", "test-dev2015", "minitest"
  bool has_annotations;  ///< train and val: annotations must be there; test and test-dev: they are not public
  bool official;
};

/// The four official splits "train", "val", "test", "test-dev" (and their long names); any other name stands
/// for itself.
Vqav2Split vqav2_split(const std::string& name);

/// The folders under `root` that may hold the JSON files, in the order in which they are searched: the root,
/// vqav2/, annotations/, vqav2/annotations/.
std::vector<std::filesystem::path> vqav2_json_folders(const std::filesystem::path& root);

/// The folders that may hold the image folders: the root, images/, vqav2/, vqav2/images/, coco/, mscoco/.
std::vector<std::filesystem::path> vqav2_image_roots(const std::filesystem::path& root);

/// Names of the splits whose question files lie under `root`, sorted: official ones by their short names.
std::vector<std::string> vqav2_splits(const std::filesystem::path& root);

/// `v2_OpenEnded_mscoco_<file_name>_questions.json`. Error(kData) naming the places looked at where an
/// official split's file is not there, Error(kUsage) listing the splits found for other names.
std::filesystem::path find_vqav2_questions(const std::filesystem::path& root, const Vqav2Split& split);

/// `v2_mscoco_<file_name>_annotations.json`, beside the questions before anywhere else. Error(kData) naming
/// the places where it must be there and is not; nothing where it need not.
std::optional<std::filesystem::path> find_vqav2_annotations(const std::filesystem::path& root,
                                                            const std::filesystem::path& questions,
                                                            const Vqav2Split& split);

/// The folder of the images of a question file, by its data_subtype ("test-dev2015" uses test2015).
/// Error(kData) naming the places looked at; the name must be a plain one.
std::filesystem::path find_vqav2_images(const std::vector<std::filesystem::path>& roots,
                                        const std::string& data_subtype);

/// "test2015" for "test-dev2015", else the name itself. Error(kData) where it is no plain name (letters,
/// digits, '-',
/// '_', '.'), because it becomes a part of paths.
std::string vqav2_image_subtype(const std::string& data_subtype);

/// FOLDER/COCO_<subtype>_<12 digits><extension>.
std::string vqav2_image_path(const std::filesystem::path& folder, const std::string& subtype,
                             std::int64_t image_id, const char* extension);

/// ".jpg", or ".png" where the image has no .jpg but a .png.
const char* vqav2_image_extension(const std::filesystem::path& folder, const std::string& subtype,
                                  std::int64_t image_id);

}  // namespace bteval::datasets
