#include "core/bytes.h"

#include <sys/mman.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "core/input_file.h"
#include "core/io_retry.h"
#include "core/mapped_guard.h"

namespace bteval {
namespace {

class MappedFile final : public Bytes {
 public:
  MappedFile(const std::filesystem::path& path, ErrorCode code) {
    name_ = path.string();
    const InputFile file(path, code);
    size_ = file.size();
    if (size_ == 0) return;
    address_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd(), 0);
    if (address_ == MAP_FAILED) {
      address_ = nullptr;
      throw_io_error(code, "cannot map the file", errno, path);
    }
    data_ = {static_cast<const std::byte*>(address_), size_};
    guard_.emplace(data_, path, code);
  }
  ~MappedFile() override {
    guard_.reset();
    if (address_ != nullptr) ::munmap(address_, size_);
  }

 private:
  void* address_ = nullptr;
  std::size_t size_ = 0;
  std::optional<MappedGuard> guard_;
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
