// `bteval eval` into a small file system of its own, that is full, read-only, or taken away: a clear error,
// and a run that goes on. Mounting needs root.
#include <algorithm>
#include <map>

#include "e2e/program.h"

namespace bteval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// A tmpfs, unmounted when the test ends.
class FailingDisk : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directory(disk); }
  void TearDown() override {
    // Lazily, and as often as something is mounted there.
    while (mounted && run_command({"umount", "-l", disk.string()}).exit_status == 0) {
    }
  }
  CommandResult mount(const std::string& size) {
    const CommandResult result =
        run_command({"mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.string()});
    mounted = mounted || result.exit_status == 0;
    return result;
  }
  CommandResult remount(const std::string& options) const {
    return run_command({"mount", "-o", "remount," + options, disk.string()});
  }
  /// Starts the run, and does something when its journal has some records.
  CommandResult during_the_run(const std::string& script) const {
    // Stopped meanwhile, so that the run does not finish first.
    return run_script("start_until 3000 \"$@\"; kill -STOP $pid; " + script + "; kill -CONT $pid; wait $pid",
                      run, argv);
  }
  /// The same command goes on and ends in the bytes of a run that nobody has disturbed.
  void expect_goes_on() {
    const CommandResult last = run_command(argv);
    ASSERT_EQ(last.exit_status, 0) << last.err;
    EXPECT_THAT(last.err, HasSubstr("going on with an interrupted run"));
    const std::map<std::string, std::string> files = run_content(run);
    fs::remove_all(run);
    ASSERT_EQ(run_command(argv).exit_status, 0);
    EXPECT_GT(files.size(), 5U);
    EXPECT_EQ(files, run_content(run));
  }

  TempDir dir;
  fs::path disk = dir.path() / "disk", run = disk / "run";
  bool mounted = false;
  std::vector<std::string> argv =
      command_line({.name = "snli-ve", .out = run, .more = {"--threads", "1", "--images-per-unit", "1"}});
};

#define REQUIRE_MOUNT(size)                                              \
  if (const CommandResult result = mount(size); result.exit_status != 0) \
  GTEST_SKIP() << "no right to mount a small file system: " << result.err

TEST_F(FailingDisk, Full) {
  REQUIRE_MOUNT("16k");
  const CommandResult full = run_command(argv);
  EXPECT_EQ(full.exit_status, 3);
  EXPECT_THAT(full.err, AllOf(HasSubstr("No space left on device"), HasSubstr("disk/run")));
  ASSERT_EQ(remount("size=64m").exit_status, 0);
  expect_goes_on();
}

TEST_F(FailingDisk, ReadOnlyFromTheBeginning) {
  REQUIRE_MOUNT("64m");
  ASSERT_EQ(remount("ro").exit_status, 0);
  const CommandResult refused = run_command(argv);
  EXPECT_EQ(refused.exit_status, 3);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("disk/run"), HasSubstr("Read-only file system")));
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
}

TEST_F(FailingDisk, ReadOnlyOnTheWay) {
  REQUIRE_MOUNT("64m");
  // A file that is open for writing keeps its file system from becoming read-only, so the folder gets a
  // read-only view of itself: what is open stays writable, and new files cannot be made.
  const CommandResult stopped =
      during_the_run("mount --bind \"${0%/*}\" \"${0%/*}\" && mount -o remount,ro,bind \"${0%/*}\"");
  EXPECT_EQ(stopped.exit_status, 3) << stopped.err;
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("disk/run"), HasSubstr("Read-only file system")));
  ASSERT_EQ(run_command({"umount", "-l", disk.string()}).exit_status, 0);
  EXPECT_FALSE(fs::exists(run / "manifest.json"));
  expect_goes_on();
}

TEST_F(FailingDisk, TakenAwayOnTheWay) {
  REQUIRE_MOUNT("64m");
  const CommandResult stopped = during_the_run("cp -r \"$0\" \"${0%/*/*}/kept\"; umount -l \"${0%/*}\"");
  EXPECT_EQ(stopped.exit_status, 3) << stopped.err;
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("disk/run"), HasSubstr("No such file or directory")));
  EXPECT_FALSE(fs::exists(run)) << "the results have nowhere to go, certainly not below the mount point";
  // The file system is back, as it was in that moment.
  ASSERT_EQ(mount("64m").exit_status, 0);
  fs::copy(dir.path() / "kept", run);
  expect_goes_on();
}

}  // namespace
}  // namespace bteval
