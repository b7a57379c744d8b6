#include "distributed/local_ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "support/test_paths.h"

namespace bteval::distributed {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::vector<std::string>> ranks(std::size_t size, const std::string& script,
                                            const fs::path& folder) {
  return std::vector<std::vector<std::string>>(size, {"sh", "-c", script, folder.string()});
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

double seconds_of(const std::function<void()>& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(LocalRanks, KnowTheirPlaceAndMeetingPlace) {
  const bteval::testing::TempDir dir;
  const auto commands =
      ranks(3, R"(echo "$RANK/$WORLD_SIZE $LOCAL_RANK/$LOCAL_WORLD_SIZE $MASTER_ADDR" > "$0/$RANK"
                  echo "$MASTER_PORT" > "$0/port$RANK")",
            dir.path());
  EXPECT_EQ(run_local_ranks(commands), 0);
  EXPECT_EQ(text_of(dir.path() / "0"), "0/3 0/3 127.0.0.1\n");
  EXPECT_EQ(text_of(dir.path() / "2"), "2/3 2/3 127.0.0.1\n");
  EXPECT_EQ(text_of(dir.path() / "port0"), text_of(dir.path() / "port2"));
  EXPECT_GT(std::stoi(text_of(dir.path() / "port0")), 0);
}

TEST(LocalRanks, OnlyRank0IsHeardAndTheOthersAreNamed) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int status = run_local_ranks(ranks(2, "echo said $RANK; printf 'one\\ntwo' >&2", {}));
  const std::string err = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "said 0\n");
  EXPECT_EQ(status, 0);
  EXPECT_THAT(err, HasSubstr("rank 1: one\n"));
  EXPECT_THAT(err, HasSubstr("rank 1: two\n"));
}

TEST(LocalRanks, EndWithRank0sStatus) {
  EXPECT_EQ(run_local_ranks(ranks(2, "exit $((RANK + 6))", {})), 6);
  EXPECT_EQ(run_local_ranks(ranks(2, "exit $((RANK * 7))", {})), 0);
  EXPECT_EQ(run_local_ranks(ranks(2, "test $RANK = 1 || kill -9 $$", {})), 137);
}

TEST(LocalRanks, TheOthersAreStoppedWhenRank0Fails) {
  const bteval::testing::TempDir dir;
  const double seconds = seconds_of([&] {
    EXPECT_EQ(run_local_ranks(ranks(3, "test $RANK = 0 && exit 3; exec sleep 100", dir.path())), 3);
  });
  EXPECT_LT(seconds, 4);
}

TEST(LocalRanks, EndsAreNoticedBesideOtherThreads) {
  // As those of an allocator or of OpenMP: with signals unblocked, and there before the ranks are.
  std::atomic<bool> end = false;
  std::thread other([&] {
    while (!end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  const double seconds = seconds_of([] { EXPECT_EQ(run_local_ranks(ranks(2, "sleep 0.1", {})), 0); });
  end = true;
  other.join();
  EXPECT_LT(seconds, 20);
}

TEST(LocalRanks, SignalsAreHandedOn) {
  const bteval::testing::TempDir dir;
  const pid_t parent = ::fork();  // a process that the signal may be sent to
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const int status = run_local_ranks(ranks(
        2, "trap 'echo > \"$0/told$RANK\"; exit 9' TERM; echo > \"$0/up$RANK\"; while :; do sleep 0.01; done",
        dir.path()));
    std::_Exit(status);
  }
  const auto there = [&](const char* name) { return fs::exists(dir.path() / name); };
  for (int i = 0; i < 1000 && !(there("up0") && there("up1")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(parent, SIGTERM);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(WEXITSTATUS(status), 9);
  EXPECT_TRUE(there("told0"));
  EXPECT_TRUE(there("told1"));
}

TEST(LocalRanks, AProgramThatIsNotThereIsAnError) {
  EXPECT_THROW(run_local_ranks({{"/no/such/program"}, {"/no/such/program"}}), Error);
}

}  // namespace
}  // namespace bteval::distributed
