// Where the files of Flickr30K and MSCOCO lie under a root folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/retrieval_json.h"

namespace bteval::datasets {

/// What differs between the data sets.
struct RetrievalLayout {
  std::string_view dataset;             ///< "flickr30k", "coco"
  std::string_view karpathy_file;       ///< "dataset_flickr30k.json": all splits
  std::vector<std::string> list_files;  ///< names of files of one split, with "{}" for it
  std::vector<std::string>
      folders;  ///< folders of the data set under a base folder; "" is that folder itself
  std::vector<std::string> image_folders;  ///< in which images without a folder lie
};

/// "flickr30k" or "coco"; Error(kUsage) naming them for anything else.
const RetrievalLayout& retrieval_layout(std::string_view dataset);

/// The folders in which annotations are searched: the root, mscoco_flickr30k_vqav2_snli_ve/ (the tree that
/// BridgeTower's setup.sh describes) and dataset/mscoco_…/ under it; in each the folder itself, karpathy/,
/// annotations/, the data set's own folders and annotations/ in these.
std::vector<std::filesystem::path> retrieval_annotation_folders(const std::filesystem::path& root,
                                                                const RetrievalLayout& layout);

/// The annotation file of a split. The Karpathy file comes first for the official splits (train, restval,
/// val, test, or several joined by '+'), the files of one split for all others. Error(kData) naming the
/// places looked at.
std::filesystem::path find_retrieval_annotations(const std::filesystem::path& root,
                                                 const RetrievalLayout& layout, const std::string& split);

/// Turns the annotations' paths into paths of files: looks for the folder (below `images` where that is
/// given, else below `root`) and for the way in which its names differ from the annotations' (none; in an
/// image folder such as flickr30k-images/; without their folder) that has one of the first images.
/// Error(kData) naming the places looked at where there is none, or an image without a name.
std::vector<std::string> find_retrieval_images(const std::vector<RetrievalImage>& images,
                                               const std::filesystem::path& root,
                                               const std::filesystem::path& images_folder,
                                               const RetrievalLayout& layout,
                                               const std::filesystem::path& annotations,
                                               const std::string& split);

}  // namespace bteval::datasets
