#include "core/read_file.h"

#include <algorithm>
#include <new>
#include <vector>

#include "core/input_file.h"

namespace bteval {
namespace {

class ReadBytes final : public Bytes {
 public:
  ReadBytes(const std::filesystem::path& path, const InputFile& file)
      // Not a vector, which would clear the memory first.
      : storage_(new std::byte[file.size()]) {
    name_ = path.string();
    const std::span<std::byte> content(storage_.get(), file.size());
    file.read_at(0, content);
    data_ = content;
  }

 private:
  std::unique_ptr<std::byte[]> storage_;
};

}  // namespace

std::shared_ptr<const Bytes> read_file(const std::filesystem::path& path, ErrorCode code) {
  const InputFile file(path, code);
  if (file.size() > kLargestRead) return Bytes::map_file(path, code);
  try {
    return std::make_shared<ReadBytes>(path, file);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kDevice, fmt::format("out of memory: the file's {} bytes do not fit", file.size()),
                {path.string(), "", std::nullopt});
  }
}

void read_pieces(const std::filesystem::path& path, ErrorCode code,
                 const std::function<void(std::span<const std::byte>)>& sink) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  const InputFile file(path, code);
  std::vector<std::byte> piece(std::min(file.size(), kPiece));
  for (std::size_t offset = 0; offset < file.size(); offset += piece.size()) {
    const auto part = std::span(piece).first(std::min(piece.size(), file.size() - offset));
    file.read_at(offset, part);
    sink(part);
  }
}

}  // namespace bteval
