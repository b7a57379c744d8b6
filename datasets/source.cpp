#include "datasets/source.h"

#include <utility>

#include "core/hash.h"
#include "core/read_file.h"

namespace bteval::datasets {

HashedFile::HashedFile(std::string role, const std::filesystem::path& path)
    : role_(std::move(role)),
      bytes_(read_file(path)),
      digest_(std::async(std::launch::async, [bytes = bytes_] { return sha256(bytes->span()); })) {}

records::SourceFile HashedFile::source() { return {role_, bytes_->name(), digest_.get(), bytes_->size()}; }

}  // namespace bteval::datasets
