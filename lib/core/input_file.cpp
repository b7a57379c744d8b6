#include "core/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/io_retry.h"

namespace bteval {

InputFile::InputFile(const std::filesystem::path& path, ErrorCode code) : path_(path), code_(code) {
  // Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
  fd_ = retry_io([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (fd_ < 0) throw_io_error(code, "cannot open the file", errno, path);
  struct stat info {};
  const int done = retry_io([&] { return ::fstat(fd_, &info); });
  const int error = done != 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : S_ISREG(info.st_mode) ? 0 : EINVAL;
  if (error != 0) {
    ::close(fd_);
    throw_io_error(code, done != 0 ? "cannot read the file's size" : "cannot open the file", error, path);
  }
  size_ = static_cast<std::size_t>(info.st_size);
}

InputFile::~InputFile() { ::close(fd_); }

void InputFile::read_at(std::size_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = retry_io([&] {
      return ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    });
    if (count < 0) throw_io_error(code_, "cannot read the file", errno, path_);
    if (count == 0) {
      throw Error(code_,
                  fmt::format("the file has become shorter while it was read: {} bytes of {} are left",
                              offset + done, size_),
                  {path_.string(), "", std::nullopt});
    }
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace bteval
