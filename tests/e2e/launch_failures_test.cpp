// Evaluations whose processes die, hang or are cut off in the middle: noticed within the time-out, nothing
// lost, and the files of one undisturbed process in the end.
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>

#include "e2e/program.h"
#include "support/launchers.h"

namespace bteval {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using testing::launch;

constexpr const char* kTimeout = "3";  // seconds of --rank-timeout

class LaunchFailures : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempDir>();
    const CommandResult result = run_command(command());
    if (result.exit_status != 0) throw std::runtime_error(result.err);
    undisturbed_ = run_content(run());
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override {
    fs::remove_all(run());
    fs::remove_all(run() += ".pids");
  }

  /// One folder for all tests, because reports tell the command that wrote them.
  static fs::path run() { return folder_->path() / "run"; }
  /// Units of one image: many, so that a run can be met in the middle.
  static std::vector<std::string> command(const char* on_lost_rank = "take-over") {
    std::vector<std::string> argv = in_units("vqav2", run());
    set_option(argv, "--images-per-unit", "1");
    argv.insert(argv.end(), {"--rank-timeout", kTimeout, "--on-lost-rank", on_lost_rank});
    return argv;
  }
  /// A command whose process tells its id before it begins.
  static std::vector<std::string> ranked() {
    std::vector<std::string> argv = {testing::source_dir() / "tests/support/ranked.sh", run() += ".pids"};
    const std::vector<std::string> program = command();
    argv.insert(argv.end(), program.begin(), program.end());
    return argv;
  }
  static CommandResult disturb(const std::string& script, const std::vector<std::string>& argv) {
    return with_ranks(script, run(), argv);
  }
  static void expect_undisturbed_files() { EXPECT_EQ(run_content(run()), undisturbed_); }
  static void expect_resumable() {
    EXPECT_TRUE(fs::exists(run() / "journal"));
    EXPECT_FALSE(fs::exists(run() / "manifest.json"));
  }

  static inline std::unique_ptr<TempDir> folder_;
  static inline std::map<std::string, std::string> undisturbed_;
};

TEST_F(LaunchFailures, SrunGoesOnWithoutARankThatIsKilled) {
  const auto srun = launch("srun", 3, ranked(), {"--kill-on-bad-exit=0"});
  if (!srun.missing.empty()) GTEST_SKIP() << srun.missing;
  const CommandResult result = disturb(R"(
    "$@" & pid=$!
    victim=$(pid_of 1)
    wait_for_journal 8000
    kill -KILL $victim
    wait $pid
  )",
                                       srun.argv);
  EXPECT_EQ(result.exit_status, 137) << "srun's, for the rank that was killed: " << result.err;
  EXPECT_THAT(result.err, HasSubstr("rank 1"));
  expect_undisturbed_files();
}

TEST_F(LaunchFailures, SrunEndsARankThatHangsWhenTheOthersHaveDoneItsWork) {
  const auto srun = launch("srun", 3, ranked(), {"--kill-on-bad-exit=0", "--wait=2"});
  if (!srun.missing.empty()) GTEST_SKIP() << srun.missing;
  const CommandResult result = disturb(R"(
    "$@" & pid=$!
    victim=$(pid_of 2)
    wait_for_journal 8000
    kill -STOP $victim
    wait $pid
  )",
                                       srun.argv);
  EXPECT_NE(result.exit_status, 0);  // and a warning about rank 2, where it had begun a unit
  expect_undisturbed_files();
}

TEST_F(LaunchFailures, MpirunEndsWithRankZeroAndAnotherNumberOfRanksGoesOn) {
  const auto mpirun = launch("mpirun", 2, ranked());
  if (!mpirun.missing.empty()) GTEST_SKIP() << mpirun.missing;
  const CommandResult result = disturb(R"(
    "$@" & pid=$!
    victim=$(pid_of 0)
    wait_for_journal 8000
    kill -KILL $victim
    wait $pid
  )",
                                       mpirun.argv);
  EXPECT_NE(result.exit_status, 0);
  expect_resumable();
  const CommandResult resumed = run_command(launch("mpirun", 3, command()).argv);
  EXPECT_EQ(resumed.exit_status, 0) << resumed.err;
  expect_undisturbed_files();
}

TEST_F(LaunchFailures, TorchrunStartsAllAgainAndTheyGoOn) {
  const auto torchrun = launch("torchrun", 2, ranked(), {"--max-restarts", "2"});
  if (!torchrun.missing.empty()) GTEST_SKIP() << torchrun.missing;
  // torchrun's options stand before the program.
  const CommandResult result = disturb(R"(
    "$@" & pid=$!
    victim=$(pid_of 1)
    wait_for_journal 8000
    kill -KILL $victim
    wait $pid
  )",
                                       torchrun.argv);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  expect_undisturbed_files();
}

TEST_F(LaunchFailures, RanksWithoutRankZeroEndAndNameIt) {
  const auto start = std::chrono::steady_clock::now();
  const CommandResult result = disturb(R"(
    start_ranks 3 "$@"
    wait_for_journal 8000
    kill -STOP ${ranks[0]}
    finish 1
    finish 2
    kill -KILL ${ranks[0]}
    wait
  )",
                                       command());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(40));
  for (const char* rank : {"rank 1 ended with", "rank 2 ended with", "rank 0"})
    EXPECT_THAT(result.out, HasSubstr(rank));
  EXPECT_EQ(result.out.find("ended with 0"), std::string::npos) << result.out;
  expect_resumable();
  const CommandResult resumed = disturb(R"(start_ranks 2 "$@"; finish 0; finish 1)", command());
  EXPECT_THAT(resumed.out, HasSubstr("rank 0 ended with 0"));
  expect_undisturbed_files();
}

/// Why there can be no two hosts here; empty where there can.
std::string no_two_hosts() {
  const CommandResult result = run_command({"sh", "-c",
                                            "unshare --net ip link add end0 type veth peer name end1 2>&1 && "
                                            "nsenter --version > /dev/null"});
  return result.exit_status == 0
             ? ""
             : "no network namespaces (they want root, and iproute2): " + result.out + result.err;
}

TEST_F(LaunchFailures, ACutNetworkStopsBothHostsResumably) {
  if (const std::string reason = no_two_hosts(); !reason.empty()) GTEST_SKIP() << reason;
  const CommandResult result = disturb(R"(
    make_two_hosts
    start_on_two_hosts "$@"
    wait_for_journal 8000
    pull_cable 1
    SECONDS=0
    finish 0
    finish 1
    echo "after $SECONDS s"
  )",
                                       command("stop"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 7"));
  if (result.out.find("rank 0 ended with 0") != std::string::npos) {
    expect_undisturbed_files();
    GTEST_SKIP() << "the first host had done all before the second one had begun a unit";
  }
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 7"));
  // Each notices after three seconds and ends when the unit at hand is done, which a busy machine takes
  // longer for. Without time-outs of our own it would be minutes.
  EXPECT_THAT(result.out, ContainsRegex("after 1?[0-9] s"));
  expect_resumable();
  const CommandResult resumed = run_command(command());
  EXPECT_EQ(resumed.exit_status, 0) << resumed.err;
  expect_undisturbed_files();
}

TEST_F(LaunchFailures, ACutNetworkLeavesTheWorkToTheFirstHost) {
  if (const std::string reason = no_two_hosts(); !reason.empty()) GTEST_SKIP() << reason;
  const CommandResult result = disturb(R"(
    make_two_hosts
    start_on_two_hosts "$@"
    wait_for_journal 8000
    pull_cable 0
    finish 0
    finish 1
  )",
                                       command());
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 0"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 7"));
  expect_undisturbed_files();
}

}  // namespace
}  // namespace bteval
