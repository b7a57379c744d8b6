#include "core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace bteval {
namespace {

constexpr std::string_view kSuffix = ".tmp";  // and the number of the process

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorCode::kData, fmt::format("{}: {}", what, std::strerror(errno)),
              {path.string(), "", std::nullopt});
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(fmt::format("{}{}{}", path_.string(), kSuffix, ::getpid())) {
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ < 0) fail(path_, "cannot write the file");
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd_, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_, "cannot write the file");
    data = data.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write(std::string_view data) { write(std::as_bytes(std::span(data.data(), data.size()))); }

void AtomicFile::commit() {
  if (::fsync(fd_) != 0) fail(path_, "cannot sync the file");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    fail(path_, "cannot rename the finished file into place");
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0) fail(path_, "cannot close the file");
}

bool AtomicFile::is_temporary(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::size_t suffix = name.rfind(kSuffix);
  if (suffix == std::string::npos || suffix == 0) return false;
  const std::string_view number = std::string_view(name).substr(suffix + kSuffix.size());
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace bteval
