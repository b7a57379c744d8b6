// Command lines that a shell reads back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bteval {

/// The argument as it stands where a POSIX shell takes it as one word; in single quotes otherwise.
std::string shell_quoted(std::string_view argument);

/// All of them, a space between: what to type to start a program with exactly these arguments.
std::string shell_command(const std::vector<std::string>& arguments);

}  // namespace bteval
