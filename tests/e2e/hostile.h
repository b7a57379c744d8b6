// Files that want to exhaust memory or time, leave their folder, or run something: `bteval` refuses each with
// one line, soon, and with the memory that it takes anyway.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "unit/checkpoint/zip_builder.h"

namespace bteval {

/// Of which starting the program with LibTorch takes most.
constexpr std::uint64_t kPeakBytes = 200'000'000;

struct Hostile {
  const char* name;
  const char* file;
  std::function<std::string(const std::filesystem::path& marker)> content;  ///< marker: must not appear
  std::vector<const char*> command;                                         ///< FILE stands for the file
  int exit_status;
  const char* message;  ///< of which standard error has this
  std::uint64_t peak_bytes = kPeakBytes;
};

void PrintTo(const Hostile& hostile, std::ostream* out);

/// Fails the current test where the file is not refused with its message and exit status in one line, where
/// anything is run, or where it takes a second of processor time or more memory.
void expect_refused_soon(const Hostile& hostile);

const std::vector<const char*> kInspect = {"inspect", "FILE"};

/// A unicode string in pickle's binary form.
std::string pickle_text(const std::string& value);
/// A checkpoint whose pickle is `pickle`, stored as torch.save stores it.
checkpoint::ZipBuilder torch_zip(const std::string& pickle);

}  // namespace bteval
