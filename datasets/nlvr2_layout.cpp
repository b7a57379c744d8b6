#include "datasets/nlvr2_layout.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/error.h"
#include "datasets/folders.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> kOfficial = {
    "train", "dev", "test1", "test2", "balanced_dev", "balanced_test1", "unbalanced_dev", "unbalanced_test1"};

std::vector<fs::path> with_subset_folders(const std::vector<fs::path>& folders) {
  std::vector<fs::path> out;
  for (const fs::path& folder : folders) {
    for (const char* inner : {"", "balanced", "unbalanced"})
      out.push_back(*inner == '\0' ? folder : folder / inner);
  }
  return out;
}

std::string splits_in(const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".json") names.insert(entry.path().stem().string());
    }
  }
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out.empty() ? "none" : out;
}

}  // namespace

std::string nlvr2_split(const std::string& name) {
  if (name == "val") return "dev";
  if (name == "test" || name == "test-P") return "test1";
  if (name == "test-U") return "test2";
  return name;
}

std::vector<fs::path> nlvr2_json_folders(const fs::path& root) {
  return {root,           root / "data",        root / "nlvr2/data",       root / "nlvr/nlvr2/data",
          root / "nlvr2", root / "annotations", root / "nlvr2/annotations"};
}

std::vector<fs::path> nlvr2_image_roots(const fs::path& root) {
  return {root / "images", root, root / "nlvr2/images", root / "nlvr2", root / "nlvr/images", root / "nlvr"};
}

fs::path find_nlvr2_annotations(const fs::path& root, const std::string& split) {
  require_folder(root);
  const std::vector<fs::path> folders = with_subset_folders(nlvr2_json_folders(root));
  const std::string file = split + ".json";
  if (is_plain_name(split)) {
    if (const auto found = first_with(folders, file)) return *found;
  }
  const std::string places = join_paths(nlvr2_json_folders(root));
  if (std::find(kOfficial.begin(), kOfficial.end(), split) != kOfficial.end()) {
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, places),
                {root.string(), "", std::nullopt});
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("has no split \"{}\"; the splits found are: {}; looked for {} in {}",
                          printable(split, 60), splits_in(folders), printable(file, 60), places),
              {root.string(), "", std::nullopt});
}

std::optional<fs::path> find_nlvr2_subset(const fs::path& annotations, const std::string& kind,
                                          const std::string& split) {
  const fs::path folder = annotations.parent_path();
  return first_with({folder, folder / kind}, fmt::format("{}_{}.json", kind, split));
}

Nlvr2ImageFolder::Nlvr2ImageFolder(const std::vector<fs::path>& roots, const Nlvr2Record& first) {
  const Nlvr2Identifier identifier = *parse_nlvr2_identifier(first.identifier);
  const std::string name = identifier.image_name(0);
  std::vector<fs::path> places;
  for (const fs::path& root : roots) places.push_back(root / identifier.split);
  bool found_folder = false;
  for (const fs::path& place : places) {
    if (!is_folder(place)) continue;
    for (const char* extension : {".png", ".jpg"}) {
      const Nlvr2ImageFolder candidate(place, extension);
      if (!is_there(candidate.path(name, first.directory))) continue;
      *this = candidate;
      return;
    }
    if (!found_folder) folder_ = place;
    found_folder = true;
  }
  if (!found_folder) {
    throw Error(ErrorCode::kData, fmt::format("there is no image folder {}/; looked for {}", identifier.split,
                                              join_paths(places)));
  }
}

std::string Nlvr2ImageFolder::path(const std::string& name, const std::string& directory) const {
  const fs::path folder = directory.empty() ? folder_ : folder_ / directory;
  return (folder / (name + extension_)).string();
}

}  // namespace bteval::datasets
