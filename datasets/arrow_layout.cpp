#include "datasets/arrow_layout.h"

#include "core/error.h"
#include "datasets/folders.h"

namespace bteval::datasets {

namespace fs = std::filesystem;

std::vector<fs::path> arrow_folders(const fs::path& root) {
  return {root,
          root / "arrow",
          root / "fine-tune",
          root / "pre-train",
          root / "dataset/fine-tune",
          root / "dataset/pre-train"};
}

std::optional<fs::path> find_arrow_table(const fs::path& root, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!is_plain_name(name)) continue;
    if (const auto found = first_with(arrow_folders(root), name + ".arrow")) return found;
  }
  return std::nullopt;
}

std::optional<fs::path> choose_arrow_table(const fs::path& root, const std::vector<std::string>& names,
                                           bool wanted, const std::function<void()>& find_annotations) {
  if (!wanted) {
    const auto table = find_arrow_table(root, names);
    if (!table) return std::nullopt;
    try {
      find_annotations();
      return std::nullopt;
    } catch (const Error&) {
      return table;
    }
  }
  require_folder(root);
  const auto table = find_arrow_table(root, names);
  if (table) return table;
  throw Error(ErrorCode::kData,
              fmt::format("has no {}.arrow; looked in {}",
                          printable(fmt::format("{}", fmt::join(names, ".arrow, ")), 300),
                          join_paths(arrow_folders(root))),
              {root.string(), "", std::nullopt});
}

}  // namespace bteval::datasets
