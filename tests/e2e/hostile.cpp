#include "e2e/hostile.h"

#include <algorithm>

#include "e2e/program.h"

namespace bteval {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasured = false;  // sanitizers multiply both
#else
constexpr bool kMeasured = true;
#endif

}  // namespace

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

void expect_refused_soon(const Hostile& hostile) {
  const TempDir dir;
  const fs::path marker = dir.path() / "was-run", file = dir.path() / hostile.file;
  write_file_atomic(file, hostile.content(marker));
  std::vector<std::string> words;
  for (const std::string part : hostile.command) words.push_back(part == "FILE" ? file.string() : part);
  const CommandResult result = bteval_run(words);
  EXPECT_EQ(result.exit_status, hostile.exit_status) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr(hostile.message));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_LT(result.err.size(), 1000U);
  EXPECT_FALSE(fs::exists(marker));
  if (!kMeasured) return;
  EXPECT_LT(result.processor_seconds, 1.0);
  EXPECT_LT(result.peak_bytes, hostile.peak_bytes);
}

std::string pickle_text(const std::string& value) {
  std::string out = "X";
  checkpoint::append_le(out, static_cast<std::uint32_t>(value.size()));
  return out + value;
}

checkpoint::ZipBuilder torch_zip(const std::string& pickle) {
  checkpoint::ZipBuilder zip;
  zip.add("archive/data.pkl", pickle).add("archive/version", "3\n");
  return zip;
}

}  // namespace bteval
