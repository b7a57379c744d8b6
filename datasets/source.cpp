#include "datasets/source.h"

#include <utility>

#include "core/hash.h"

namespace bteval::datasets {

HashedFile::HashedFile(std::string role, const std::filesystem::path& path)
    : role_(std::move(role)),
      bytes_(Bytes::map_file(path)),
      digest_(std::async(std::launch::async, [bytes = bytes_] { return sha256(bytes->span()); })) {}

records::SourceFile HashedFile::source() { return {role_, bytes_->name(), digest_.get(), bytes_->size()}; }

}  // namespace bteval::datasets
