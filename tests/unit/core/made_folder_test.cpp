#include "core/made_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempDir;

TEST(MadeFolder, GoesWithTheFoldersThatItMadeWhereNothingCameIntoThem) {
  const TempDir dir;
  fs::create_directory(dir.path() / "runs");
  {
    const MadeFolder folder(dir.path() / "runs/today/run");
    EXPECT_TRUE(fs::is_directory(dir.path() / "runs/today/run"));
  }
  EXPECT_FALSE(fs::exists(dir.path() / "runs/today"));
  EXPECT_TRUE(fs::exists(dir.path() / "runs"));
}

TEST(MadeFolder, StaysWithWhatItHolds) {
  const TempDir dir;
  {
    const MadeFolder folder(dir.path() / "a/b");
    write_file_atomic(dir.path() / "a/file", "x");
  }
  EXPECT_FALSE(fs::exists(dir.path() / "a/b"));
  EXPECT_TRUE(fs::exists(dir.path() / "a/file"));
}

TEST(MadeFolder, LeavesAnEmptyFolderThatWasThere) {
  const TempDir dir;
  fs::create_directory(dir.path() / "run");
  { const MadeFolder folder(dir.path() / "run"); }
  EXPECT_TRUE(fs::exists(dir.path() / "run"));
}

TEST(MadeFolder, ARelativePathStandsForWhereItWasMade) {
  const TempDir dir;
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  {
    const MadeFolder folder("run/inner");
    fs::current_path(before);
    EXPECT_TRUE(fs::exists(dir.path() / "run/inner"));
  }
  EXPECT_FALSE(fs::exists(dir.path() / "run"));
}

TEST(MadeFolder, AFileInItsPlaceIsAnError) {
  const TempDir dir;
  write_file_atomic(dir.path() / "run", "x");
  EXPECT_THAT(testing::error_text([&] { MadeFolder(dir.path() / "run/inner"); }),
              HasSubstr("cannot make the folder"));
  EXPECT_TRUE(fs::is_regular_file(dir.path() / "run"));
}

}  // namespace
}  // namespace bteval
