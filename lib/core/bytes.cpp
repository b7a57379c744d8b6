#include "core/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace bteval {
namespace {

class MappedFile final : public Bytes {
 public:
  MappedFile(const std::filesystem::path& path, ErrorCode code) {
    name_ = path.string();
    const auto fail = [&](const char* what, int error) {
      throw Error(code, fmt::format("{}: {}", what, std::strerror(error)), {name_, "", std::nullopt});
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open the file", errno);
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
      const int error = errno;
      ::close(fd);
      fail("cannot read the file's size", error);
    }
    if (!S_ISREG(info.st_mode)) {
      ::close(fd);
      fail("cannot open the file", S_ISDIR(info.st_mode) ? EISDIR : EINVAL);
    }
    size_ = static_cast<std::size_t>(info.st_size);
    if (size_ > 0) {
      address_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
      const int error = errno;
      ::close(fd);
      if (address_ == MAP_FAILED) {
        address_ = nullptr;
        fail("cannot map the file", error);
      }
      data_ = {static_cast<const std::byte*>(address_), size_};
    } else {
      ::close(fd);
    }
  }
  ~MappedFile() override {
    if (address_ != nullptr) ::munmap(address_, size_);
  }

 private:
  void* address_ = nullptr;
  std::size_t size_ = 0;
};

class MemoryBytes final : public Bytes {
 public:
  MemoryBytes(std::string name, std::vector<std::byte> data) : storage_(std::move(data)) {
    name_ = std::move(name);
    data_ = storage_;
  }

 private:
  std::vector<std::byte> storage_;
};

}  // namespace

std::shared_ptr<const Bytes> Bytes::map_file(const std::filesystem::path& path, ErrorCode code) {
  return std::make_shared<MappedFile>(path, code);
}

std::shared_ptr<const Bytes> Bytes::from_memory(std::string name, std::vector<std::byte> data) {
  return std::make_shared<MemoryBytes>(std::move(name), std::move(data));
}

std::shared_ptr<const Bytes> Bytes::from_memory(std::string name, std::string_view data) {
  const auto* begin = reinterpret_cast<const std::byte*>(data.data());
  return from_memory(std::move(name), std::vector<std::byte>(begin, begin + data.size()));
}

}  // namespace bteval
