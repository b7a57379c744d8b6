// Looking for files and folders under a root.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bteval::datasets {

bool is_there(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

/// The first of `folders` that has the file: FOLDER/name; nothing where none has.
std::optional<std::filesystem::path> first_with(const std::vector<std::filesystem::path>& folders,
                                                const std::string& name);

/// "a, b, c", for messages.
std::string join_paths(const std::vector<std::filesystem::path>& paths);

/// Error(kData) unless `root` is a folder.
void require_folder(const std::filesystem::path& root);

/// Whether a name that comes from a file or an option may become a part of a path: letters, digits, '-', '_'
/// and '.', not starting with a '.'.
bool is_plain_name(const std::string& name);

}  // namespace bteval::datasets
