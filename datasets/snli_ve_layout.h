// Where the files of SNLI-VE lie under a root folder: docs/snli_ve.md shows the trees.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bteval::datasets {

/// "dev" for "val"; any other name stands for itself.
std::string snli_ve_split(const std::string& name);

/// The folders under `root` that may hold `snli_ve_<split>.jsonl`, in the order in which they are searched.
std::vector<std::filesystem::path> snli_ve_json_folders(const std::filesystem::path& root);

/// The folders that may be the one with the images of Flickr30K.
std::vector<std::filesystem::path> snli_ve_image_folders(const std::filesystem::path& root);

/// `snli_ve_<split>.jsonl`, or `<split>.jsonl`. Error(kData) naming the places looked at where an official
/// split's file is not there, Error(kUsage) listing the splits found for other names.
std::filesystem::path find_snli_ve_annotations(const std::filesystem::path& root, const std::string& split);

/// The first of the folders that has <image_id>.jpg, else the first that is there; Error(kData) naming the
/// places where none is.
std::filesystem::path find_snli_ve_images(const std::vector<std::filesystem::path>& folders,
                                          const std::string& image_id);

}  // namespace bteval::datasets
