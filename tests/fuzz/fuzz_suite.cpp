// Any bytes as a suite.json: evaluations whose runs lie in the folder that was asked for, or a bteval::Error
// of kind data.
#include <cstdint>
#include <fstream>
#include <string_view>

#include "core/error.h"
#include "parts.h"
#include "support/test_paths.h"
#include "tasks/suite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bteval;
  static const testing::TempDir folder;
  const auto file = folder.path() / "suite.json";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  app::EvalOptions common;
  common.out = "/runs";
  try {
    for (const app::EvalOptions& entry : app::suite_entries(file, common)) {
      fuzz::require(entry.out.parent_path() == "/runs" && entry.out.lexically_normal() == entry.out);
      fuzz::require(!entry.task.empty());
    }
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData && error.context().file == file.string());
  }
  return 0;
}
