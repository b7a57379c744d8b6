// A file that a run has read, as the manifest names it.
#pragma once

#include <cstdint>
#include <string>

namespace bteval::records {

struct SourceFile {
  std::string role;  ///< "questions", "annotations", "vocabulary", "predictions"
  std::string path;  ///< as it was opened
  std::string sha256;
  std::uint64_t bytes = 0;
};

}  // namespace bteval::records
