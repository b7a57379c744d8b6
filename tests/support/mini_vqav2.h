// A few questions of the mini suite as a data set of its own that tests may damage.
#pragma once

#include <filesystem>
#include <string>

#include "core/json.h"

namespace bteval::testing {

/// The mini suite's folder in the source tree.
std::filesystem::path mini_suite();

/// The first questions of the mini suite's test split in the official layout under one folder. The JSON
/// documents may be changed and written again.
class MiniVqav2 {
 public:
  MiniVqav2(std::filesystem::path root, std::size_t num_questions);

  /// Writes both documents, and copies the images that are not there yet.
  void write() const;
  std::filesystem::path image(std::size_t question) const;

  std::filesystem::path root;
  std::string split = "minitest";
  Json questions, annotations;
};

}  // namespace bteval::testing
