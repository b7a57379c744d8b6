// Where tests find their files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace bteval::testing {

/// Root of the source tree.
std::filesystem::path source_dir();

/// A file or folder under tests/golden/data, committed with the tests.
std::filesystem::path golden_data(const std::string& relative);

/// The folder of real data sets that is not committed: BTEVAL_TEST_DATA, else ../shared/data beside the
/// checkout; empty where neither exists. Tests that need it call BTEVAL_REQUIRE_TEST_DATA and skip visibly.
std::optional<std::filesystem::path> test_data_dir();

/// A fresh, empty folder that is removed when the object goes away.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace bteval::testing

/// Defines `data` as the folder of real data sets, or skips the test and says how to provide it.
#define BTEVAL_REQUIRE_TEST_DATA(data)                                                          \
  const auto data##_found = ::bteval::testing::test_data_dir();                                 \
  if (!data##_found) GTEST_SKIP() << "real data not found: set BTEVAL_TEST_DATA to its folder"; \
  const std::filesystem::path& data = *data##_found
