#include "datasets/vqav2_layout.h"

#include <set>

#include "core/error.h"
#include "datasets/folders.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kQuestionPrefix = "v2_OpenEnded_mscoco_";
constexpr std::string_view kQuestionSuffix = "_questions.json";

const Vqav2Split kOfficial[] = {{"train", "train2014", true, true},
                                {"val", "val2014", true, true},
                                {"test", "test2015", false, true},
                                {"test-dev", "test-dev2015", false, true}};

}  // namespace

Vqav2Split vqav2_split(const std::string& name) {
  for (const Vqav2Split& split : kOfficial) {
    if (name == split.name || name == split.file_name) return split;
  }
  return {name, name, false, false};
}

std::vector<fs::path> vqav2_json_folders(const fs::path& root) {
  return {root, root / "vqav2", root / "annotations", root / "vqav2/annotations"};
}

std::vector<fs::path> vqav2_image_roots(const fs::path& root) {
  return {root, root / "images", root / "vqav2", root / "vqav2/images", root / "coco", root / "mscoco"};
}

std::vector<std::string> vqav2_splits(const fs::path& root) {
  std::set<std::string> names;
  for (const fs::path& folder : vqav2_json_folders(root)) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(kQuestionPrefix) || !name.ends_with(kQuestionSuffix) ||
          name.size() <= kQuestionPrefix.size() + kQuestionSuffix.size()) {
        continue;
      }
      const std::string split =
          name.substr(kQuestionPrefix.size(), name.size() - kQuestionPrefix.size() - kQuestionSuffix.size());
      names.insert(vqav2_split(split).name);
    }
  }
  return {names.begin(), names.end()};
}

fs::path find_vqav2_questions(const fs::path& root, const Vqav2Split& split) {
  require_folder(root);
  const std::vector<fs::path> folders = vqav2_json_folders(root);
  const std::string file = fmt::format("{}{}{}", kQuestionPrefix, split.file_name, kQuestionSuffix);
  const bool plain = !split.file_name.empty() && split.file_name.find('/') == std::string::npos;
  if (plain) {
    if (const auto found = first_with(folders, file)) return *found;
  }
  if (split.official) {
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, join_paths(folders)),
                {root.string(), "", std::nullopt});
  }
  std::string splits;
  for (const std::string& name : vqav2_splits(root)) {
    splits += fmt::format("{}{}", splits.empty() ? "" : ", ", name);
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("has no split \"{}\"; the splits found are: {}; looked for {} in {}", split.name,
                          splits.empty() ? "none" : splits, file, join_paths(folders)),
              {root.string(), "", std::nullopt});
}

std::optional<fs::path> find_vqav2_annotations(const fs::path& root, const fs::path& questions,
                                               const Vqav2Split& split) {
  std::vector<fs::path> folders = {questions.parent_path()};
  if (!root.empty()) {
    for (const fs::path& folder : vqav2_json_folders(root)) {
      if (folder != folders.front()) folders.push_back(folder);
    }
  }
  const std::string file = fmt::format("v2_mscoco_{}_annotations.json", split.file_name);
  const auto found = first_with(folders, file);
  if (!found && split.has_annotations) {
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, join_paths(folders)),
                {root.empty() ? questions.string() : root.string(), "", std::nullopt});
  }
  return found;
}

std::string vqav2_image_subtype(const std::string& data_subtype) {
  if (!is_plain_name(data_subtype)) {
    throw Error(ErrorCode::kData,
                fmt::format("\"data_subtype\" names the image folder and must be a plain name, but is \"{}\"",
                            printable(data_subtype, 60)));
  }
  return data_subtype == "test-dev2015" ? "test2015" : data_subtype;
}

fs::path find_vqav2_images(const std::vector<fs::path>& roots, const std::string& data_subtype) {
  const std::string subtype = vqav2_image_subtype(data_subtype);
  for (const fs::path& root : roots) {
    if (is_folder(root / subtype)) return root / subtype;
  }
  throw Error(ErrorCode::kData,
              fmt::format("has no image folder {}/; looked in {}", subtype, join_paths(roots)),
              {roots.empty() ? "" : roots.front().string(), "", std::nullopt});
}

std::string vqav2_image_path(const fs::path& folder, const std::string& subtype, std::int64_t image_id,
                             const char* extension) {
  return (folder / fmt::format("COCO_{}_{:012d}{}", subtype, image_id, extension)).string();
}

const char* vqav2_image_extension(const fs::path& folder, const std::string& subtype, std::int64_t image_id) {
  const bool is_png = !is_there(vqav2_image_path(folder, subtype, image_id, ".jpg")) &&
                      is_there(vqav2_image_path(folder, subtype, image_id, ".png"));
  return is_png ? ".png" : ".jpg";
}

}  // namespace bteval::datasets
