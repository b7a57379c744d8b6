// What tests read of files and change in them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"

namespace bteval::testing {

std::string text_of(const std::filesystem::path& file);
/// The documents of JSON lines.
std::vector<Json> json_lines_of(const std::filesystem::path& file);
/// Puts `to` in the place of the first `from`, which must be there.
void replace_in(const std::filesystem::path& file, const std::string& from, const std::string& to);

}  // namespace bteval::testing
