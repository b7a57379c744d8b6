#include "core/version.h"

#include "core/git_revision.h"
#include "core/version_info.h"

namespace bteval {

std::string version() { return BTEVAL_VERSION; }
std::string git_revision() { return BTEVAL_GIT_REVISION; }
std::string build_info() { return BTEVAL_COMPILER ", " BTEVAL_BUILD_TYPE; }

}  // namespace bteval
