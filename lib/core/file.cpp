#include "core/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.h"

namespace bteval {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error) {
  throw Error(ErrorCode::kData, fmt::format("{}: {}", what, std::strerror(error)),
              {path.string(), "", std::nullopt});
}

}  // namespace

void write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  const std::string temporary = path.string() + fmt::format(".tmp{}", ::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) fail(path, "cannot write the file", errno);
  const auto abandon = [&](const char* what) {
    const int error = errno;
    ::close(fd);
    ::unlink(temporary.c_str());
    fail(path, what, error);
  };
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) abandon("cannot write the file");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) abandon("cannot sync the file");
  if (::close(fd) != 0) fail(path, "cannot close the file", errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(path, "cannot rename the finished file into place", error);
  }
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(ErrorCode::kData, fmt::format("cannot make the folder: {}", error.message()),
                {path.string(), "", std::nullopt});
  }
}

}  // namespace bteval
