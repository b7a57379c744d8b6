// Where .arrow tables lie under a root folder, and when they are read.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bteval::datasets {

/// The folders in which tables are searched: the root, arrow/, fine-tune/ and pre-train/ (into which
/// BridgeTower's scripts write), and dataset/fine-tune/ and dataset/pre-train/ under it.
std::vector<std::filesystem::path> arrow_folders(const std::filesystem::path& root);

/// NAME.arrow for the first of the names that one of the folders has; nothing where there is none.
std::optional<std::filesystem::path> find_arrow_table(const std::filesystem::path& root,
                                                      const std::vector<std::string>& names);

/// The table to read instead of annotation files: where tables are `wanted`, and Error(kData) naming the
/// places where none is there; else where there is a table and `find_annotations` throws that it finds no
/// files. Nothing: read the annotation files.
std::optional<std::filesystem::path> choose_arrow_table(const std::filesystem::path& root,
                                                        const std::vector<std::string>& names, bool wanted,
                                                        const std::function<void()>& find_annotations);

}  // namespace bteval::datasets
