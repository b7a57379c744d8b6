#include "datasets/retrieval_layout.h"

#include <algorithm>

#include "core/error.h"
#include "core/io_retry.h"
#include "datasets/retrieval_names.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

const RetrievalLayout kLayouts[] = {
    {"flickr30k",
     "dataset_flickr30k.json",
     {"flickr30k_{}.json"},
     {"", "flickr30k", "flickr"},
     {"flickr30k-images", "flickr30k_images"}},
    {"coco",
     "dataset_coco.json",
     {"coco_karpathy_{}.json", "coco_{}.json", "captions_{}.json"},
     {"", "coco", "mscoco"},
     {}},
};

bool is_there(const fs::path& path) { return path_exists(path); }

std::string join(const std::vector<fs::path>& paths) {
  std::string out;
  for (const fs::path& path : paths) out += fmt::format("{}{}", out.empty() ? "" : ", ", path.string());
  return out;
}

std::vector<fs::path> base_folders(const fs::path& root) {
  return {root, root / "mscoco_flickr30k_vqav2_snli_ve", root / "dataset/mscoco_flickr30k_vqav2_snli_ve"};
}

bool is_official(const std::string& split) {
  static constexpr std::string_view kOfficial[] = {"train", "restval", "val", "test"};
  return split.find('+') != std::string::npos || std::ranges::find(kOfficial, split) != std::end(kOfficial);
}

std::string with_split(std::string name, const std::string& split) {
  return name.replace(name.find("{}"), 2, split);
}

// A way in which the names of files may differ from those of the annotations.
struct Naming {
  std::string folder;      // put before the name
  bool name_only = false;  // drop the annotation's folder

  fs::path apply(const fs::path& base, const std::string& path) const {
    return base / folder / (name_only ? std::string(base_name(path)) : path);
  }
};

std::vector<Naming> namings(const RetrievalLayout& layout, const fs::path& annotations,
                            const std::string& split) {
  std::vector<Naming> out = {{"", false}};
  std::vector<std::string> folders = layout.image_folders;
  // COCO 2017 has plain numbers as names; the file's own name says which folder they are in.
  constexpr std::string_view kCaptions = "captions_";
  const std::string stem = annotations.stem().string();
  if (stem.starts_with(kCaptions)) folders.push_back(stem.substr(kCaptions.size()));
  if (image_path_fault(split) == nullptr) folders.push_back(split);
  for (const std::string& folder : folders) out.push_back({folder, true});
  out.push_back({"", true});
  return out;
}

std::vector<fs::path> image_bases(const fs::path& root, const fs::path& images_folder,
                                  const fs::path& annotations, const RetrievalLayout& layout) {
  if (!images_folder.empty()) return {images_folder};
  std::vector<fs::path> out;
  const auto add = [&](const fs::path& folder) {
    if (std::ranges::find(out, folder) == out.end()) out.push_back(folder);
  };
  if (!root.empty()) {
    for (const fs::path& base : base_folders(root)) {
      for (const std::string& folder : layout.folders) {
        add((base / folder).lexically_normal());
        add((base / folder / "images").lexically_normal());
      }
    }
  } else {
    add(annotations.parent_path());
  }
  return out;
}

}  // namespace

const RetrievalLayout& retrieval_layout(std::string_view dataset) {
  for (const RetrievalLayout& layout : kLayouts) {
    if (layout.dataset == dataset) return layout;
  }
  throw Error(ErrorCode::kUsage, fmt::format("the data sets of retrieval are flickr30k and coco, not \"{}\"",
                                             printable(dataset, 40)));
}

std::vector<fs::path> retrieval_annotation_folders(const fs::path& root, const RetrievalLayout& layout) {
  std::vector<fs::path> out;
  const auto add = [&](const fs::path& folder) {
    // "x/" is what joining an empty name makes of "x"
    const fs::path clean = folder.has_filename() ? folder : folder.parent_path();
    if (std::ranges::find(out, clean) == out.end()) out.push_back(clean);
  };
  for (const fs::path& base : base_folders(root)) {
    add(base);
    add(base / "karpathy");
    add(base / "annotations");
    for (const std::string& folder : layout.folders) {
      add(base / folder);
      add(base / folder / "annotations");
    }
  }
  return out;
}

fs::path find_retrieval_annotations(const fs::path& root, const RetrievalLayout& layout,
                                    const std::string& split) {
  if (!is_there(root)) {
    throw Error(ErrorCode::kData, "the data folder does not exist", {root.string(), "", std::nullopt});
  }
  std::vector<std::string> names = {std::string(layout.karpathy_file)};
  if (image_path_fault(split) == nullptr && split.find('/') == std::string::npos) {
    std::vector<std::string> lists;
    for (const std::string& name : layout.list_files) lists.push_back(with_split(name, split));
    names.insert(is_official(split) ? names.end() : names.begin(), lists.begin(), lists.end());
  }
  const std::vector<fs::path> folders = retrieval_annotation_folders(root, layout);
  for (const std::string& name : names) {
    for (const fs::path& folder : folders) {
      if (is_there(folder / name)) return folder / name;
    }
  }
  throw Error(ErrorCode::kData,
              fmt::format("has none of {}; looked in {}", fmt::join(names, ", "), join(folders)),
              {root.string(), "", std::nullopt});
}

std::vector<std::string> find_retrieval_images(const std::vector<RetrievalImage>& images,
                                               const fs::path& root, const fs::path& images_folder,
                                               const RetrievalLayout& layout, const fs::path& annotations,
                                               const std::string& split) {
  constexpr std::size_t kProbes = 8;  // so that one missing file does not hide the folder
  for (const RetrievalImage& image : images) {
    if (image.path.empty()) {
      throw Error(ErrorCode::kData, "has no file name",
                  {annotations.string(), "image " + image.id, std::nullopt});
    }
  }
  if (images.empty()) return {};
  const std::vector<fs::path> bases = image_bases(root, images_folder, annotations, layout);
  const std::vector<Naming> ways = namings(layout, annotations, split);
  for (const fs::path& base : bases) {
    for (const Naming& way : ways) {
      const std::size_t probes = std::min(kProbes, images.size());
      const bool found = std::ranges::any_of(
          images.begin(), images.begin() + static_cast<std::ptrdiff_t>(probes),
          [&](const RetrievalImage& image) { return is_there(way.apply(base, image.path)); });
      if (!found) continue;
      std::vector<std::string> out;
      out.reserve(images.size());
      for (const RetrievalImage& image : images) out.push_back(way.apply(base, image.path).string());
      return out;
    }
  }
  const bool given = !images_folder.empty();
  throw Error(ErrorCode::kData,
              fmt::format("has no image {} (nor any of the next ones){}{}", images.front().path,
                          given ? "" : "; looked below ", given ? "" : join(bases)),
              {given          ? images_folder.string()
               : root.empty() ? annotations.string()
                              : root.string(),
               "", std::nullopt});
}

}  // namespace bteval::datasets
