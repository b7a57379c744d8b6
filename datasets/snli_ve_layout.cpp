#include "datasets/snli_ve_layout.h"

#include <set>

#include "core/error.h"
#include "datasets/folders.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "snli_ve_";

std::string splits_in(const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() != ".jsonl") continue;
      std::string name = entry.path().stem().string();
      if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
      names.insert(name);
    }
  }
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out.empty() ? "none" : out;
}

}  // namespace

std::string snli_ve_split(const std::string& name) { return name == "val" ? "dev" : name; }

std::vector<fs::path> snli_ve_json_folders(const fs::path& root) {
  return {root,
          root / "snli_ve",
          root / "SNLI-VE",
          root / "data",
          root / "SNLI-VE/data",
          root / "annotations",
          root / "mscoco_flickr30k_vqav2_snli_ve/snli_ve"};
}

std::vector<fs::path> snli_ve_image_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  for (const char* parent :
       {"", "images", "data", "data/images", "flickr30k", "snli_ve", "mscoco_flickr30k_vqav2_snli_ve"}) {
    for (const char* name : {"flickr30k-images", "flickr30k_images"}) {
      folders.push_back(*parent == '\0' ? root / name : root / parent / name);
    }
  }
  folders.push_back(root / "images");
  return folders;
}

fs::path find_snli_ve_annotations(const fs::path& root, const std::string& split) {
  require_folder(root);
  const std::vector<fs::path> folders = snli_ve_json_folders(root);
  const std::string file = fmt::format("{}{}.jsonl", kPrefix, split);
  if (is_plain_name(split)) {
    if (const auto found = first_with(folders, file)) return *found;
    if (const auto found = first_with(folders, split + ".jsonl")) return *found;
  }
  if (split == "train" || split == "dev" || split == "test") {
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, join_paths(folders)),
                {root.string(), "", std::nullopt});
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("has no split \"{}\"; the splits found are: {}; looked for {} in {}",
                          printable(split, 60), splits_in(folders), printable(file, 60), join_paths(folders)),
              {root.string(), "", std::nullopt});
}

fs::path find_snli_ve_images(const std::vector<fs::path>& folders, const std::string& image_id) {
  if (const auto found = first_with(folders, image_id + ".jpg")) return found->parent_path();
  for (const fs::path& folder : folders) {
    if (is_folder(folder)) return folder;
  }
  throw Error(ErrorCode::kData,
              fmt::format("there is no image folder flickr30k-images/; looked for {}", join_paths(folders)));
}

}  // namespace bteval::datasets
