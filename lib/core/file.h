// Writing files so that nobody ever sees half of one.
#pragma once

#include <filesystem>
#include <string_view>

namespace bteval {

/// Writes `content` to a temporary file beside `path`, syncs it and renames it over `path`.
/// Error(kData) naming the path where any step fails.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

/// Makes the folder and its parents; Error(kData) naming it where that fails.
void make_folder(const std::filesystem::path& path);

}  // namespace bteval
