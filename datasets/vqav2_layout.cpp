#include "datasets/vqav2_layout.h"

#include <algorithm>
#include <set>

#include "core/error.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kQuestionPrefix = "v2_OpenEnded_mscoco_";
constexpr std::string_view kQuestionSuffix = "_questions.json";

const Vqav2Split kOfficial[] = {{"train", "train2014", true, true},
                                {"val", "val2014", true, true},
                                {"test", "test2015", false, true},
                                {"test-dev", "test-dev2015", false, true}};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::optional<fs::path> first_with(const std::vector<fs::path>& folders, const std::string& name) {
  for (const fs::path& folder : folders) {
    if (is_there(folder / name)) return folder / name;
  }
  return std::nullopt;
}

std::string join(const std::vector<fs::path>& paths) {
  std::string out;
  for (const fs::path& path : paths) out += fmt::format("{}{}", out.empty() ? "" : ", ", path.string());
  return out;
}

std::string splits_in(const std::vector<fs::path>& folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(kQuestionPrefix) || !name.ends_with(kQuestionSuffix) ||
          name.size() <= kQuestionPrefix.size() + kQuestionSuffix.size()) {
        continue;
      }
      std::string split =
          name.substr(kQuestionPrefix.size(), name.size() - kQuestionPrefix.size() - kQuestionSuffix.size());
      for (const Vqav2Split& official : kOfficial) {
        if (split == official.file_name) split = official.name;
      }
      names.insert(split);
    }
  }
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}{}", out.empty() ? "" : ", ", name);
  return out.empty() ? "none" : out;
}

void refuse_missing_folder(const fs::path& root) {
  if (is_folder(root)) return;
  throw Error(ErrorCode::kData, is_there(root) ? "is no folder" : "the data folder does not exist",
              {root.string(), "", std::nullopt});
}

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

fs::path find_vqav2_questions(const fs::path& root, const Vqav2Split& split) {
  refuse_missing_folder(root);
  const std::vector<fs::path> folders = vqav2_json_folders(root);
  const std::string file = fmt::format("{}{}{}", kQuestionPrefix, split.file_name, kQuestionSuffix);
  const bool plain = !split.file_name.empty() && split.file_name.find('/') == std::string::npos;
  if (plain) {
    if (const auto found = first_with(folders, file)) return *found;
  }
  if (split.official) {
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, join(folders)),
                {root.string(), "", std::nullopt});
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("has no split \"{}\"; the splits found are: {}; looked for {} in {}", split.name,
                          splits_in(folders), file, join(folders)),
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
    throw Error(ErrorCode::kData, fmt::format("has no {}; looked in {}", file, join(folders)),
                {root.empty() ? questions.string() : root.string(), "", std::nullopt});
  }
  return found;
}

std::string vqav2_image_subtype(const std::string& data_subtype) {
  const bool plain = !data_subtype.empty() && data_subtype.front() != '.' &&
                     std::all_of(data_subtype.begin(), data_subtype.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '_' || c == '.';
                     });
  if (!plain) {
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
  throw Error(ErrorCode::kData, fmt::format("has no image folder {}/; looked in {}", subtype, join(roots)),
              {roots.empty() ? "" : roots.front().string(), "", std::nullopt});
}

}  // namespace bteval::datasets
