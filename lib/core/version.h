// Which bteval this is.
#pragma once

#include <string>

namespace bteval {

/// For example "0.1.0".
std::string version();
/// The commit it was built from, with "-dirty" where tracked files had changed; "unknown" outside a checkout.
std::string git_revision();
/// Compiler, its version and the build type.
std::string build_info();

}  // namespace bteval
