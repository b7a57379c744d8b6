// One evaluation by several processes that are started by hand: any number of them writes the files of one,
// and what ends one of them ends the run with one message.
#include <fstream>
#include <map>

#include "e2e/program.h"

#if !defined(BTEVAL_FAULT_SHIM)
#define BTEVAL_FAULT_SHIM ""
#endif

namespace bteval {
namespace {

using ::testing::HasSubstr;

std::string start_and_finish(int size) {
  return "start_ranks " + std::to_string(size) + " \"$@\"; for ((i = 0; i < " + std::to_string(size) +
         "; ++i)); do finish $i; done";
}

class RanksOfTask : public ::testing::TestWithParam<const char*> {};

TEST_P(RanksOfTask, AnyNumberWritesTheFilesOfOneProcess) {
  TempDir dir;
  const fs::path run = dir.path() / "run";
  std::vector<std::string> argv = in_units(GetParam(), run);
  if (std::string(GetParam()) == "vqav2") {
    MiniVqav2(dir.path() / "data", 240).write();
    set_option(argv, "--data", dir.path() / "data");
  } else if (std::string(GetParam()) == "flickr30k") {
    set_option(argv, "--top-k", "4");
  }
  ASSERT_EQ(run_command(argv).exit_status, 0);
  const std::map<std::string, std::string> alone = run_content(run);
  for (const int size : {2, 3}) {
    SCOPED_TRACE(size);
    fs::remove_all(run);
    const CommandResult result = with_ranks(start_and_finish(size), run, argv);
    for (int rank = 0; rank < size; ++rank)
      EXPECT_THAT(result.out, HasSubstr("rank " + std::to_string(rank) + " ended with 0\n"));
    ASSERT_EQ(run_content(run), alone) << result.out;
    const Json timing = read_json(run / "manifest.json").at("timing");
    EXPECT_EQ(timing.at("ranks"), size);
    EXPECT_TRUE(timing.at("lost_ranks").empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, RanksOfTask, ::testing::Values("vqav2", "nlvr2", "flickr30k"),
                         [](const auto& task) { return task.param; });

class Ranks : public ::testing::Test {
 protected:
  void SetUp() override {
    MiniVqav2(dir.path() / "data", 240).write();
    set_option(argv, "--data", dir.path() / "data");
    set_option(argv, "--images-per-unit", "1");
    set_option(argv, "--rank-timeout", "5");
  }
  void expect_resumable() const {
    EXPECT_TRUE(fs::exists(run / "journal"));
    EXPECT_FALSE(fs::exists(run / "manifest.json"));
  }

  TempDir dir;
  fs::path run = dir.path() / "run";
  std::vector<std::string> argv = in_units("vqav2", run);
};

TEST_F(Ranks, OthersFinishWhatAKilledOneHadBegunWithTheSameBits) {
  ASSERT_EQ(run_command(argv).exit_status, 0);
  const auto alone = run_content(run);
  fs::remove_all(run);
  const CommandResult result = with_ranks(
      "start_ranks 3 \"$@\"; wait_for_journal 4000; kill -KILL ${ranks[2]}; finish 0; finish 1; finish 2",
      run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 0\n"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 0\n"));
  EXPECT_THAT(result.out, HasSubstr("rank 2 ended with 137\n"));
  EXPECT_EQ(run_content(run), alone);
}

TEST_F(Ranks, OneThatLivesAndHangsIsLeftBehind) {
  if (*BTEVAL_FAULT_SHIM == '\0') GTEST_SKIP() << "no library that injects faults under sanitizers";
  set_option(argv, "--rank-timeout", "2");
  set_option(argv, "--unit-timeout", "2");
  ASSERT_EQ(run_command(argv).exit_status, 0);
  const auto alone = run_content(run);
  fs::remove_all(run);
  // Rank 0 is slow, so that rank 1 gets work in any case.
  const CommandResult result = with_ranks(
      "port=$(free_port)\n"
      "on=(env LD_PRELOAD=" BTEVAL_FAULT_SHIM
      ")\n"
      R"(BTEVAL_FAULTS=pread:slow:.jpg:0:0 start_rank 0 2 127.0.0.1 $port "$@"
         BTEVAL_FAULTS=pread:hang:.jpg:0:1 start_rank 1 2 127.0.0.1 $port "$@"
         finish 0
         finish 1)",
      run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 0\n"));
  EXPECT_THAT(result.out, HasSubstr("has finished no unit for 2.0 s; the others do its work"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 7\n"));  // it does not hang for ever
  EXPECT_EQ(run_content(run), alone);
  EXPECT_EQ(read_json(run / "manifest.json").at("timing").at("lost_ranks"), Json({1}));
}

TEST_F(Ranks, OptionThatDiffersIsRefusedAndNamed) {
  const CommandResult result = with_ranks(
      "on=(env); port=$(python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); "
      "print(s.getsockname()[1])'); start_rank 0 2 127.0.0.1 $port \"$@\"; "
      "start_rank 1 2 127.0.0.1 $port \"$@\" --limit 100; finish 0; finish 1",
      run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 2\n"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 2\n"));
  EXPECT_THAT(result.out,
              HasSubstr("would compute something else than rank 0: options/limit is 0, here it is 100"));
  EXPECT_FALSE(fs::exists(run / "manifest.json"));
}

TEST_F(Ranks, ImageThatOneCannotReadEndsTheRunAndAllBadOnesAreNamed) {
  const MiniVqav2 data(dir.path() / "data", 240);
  for (const std::size_t question : {100U, 200U}) std::ofstream(data.image(question)) << "no image";
  const CommandResult result = with_ranks(start_and_finish(2), run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 3\n"));
  EXPECT_THAT(result.out, HasSubstr("2 of "));
  for (const std::size_t question : {100U, 200U})
    EXPECT_THAT(result.out, HasSubstr(data.image(question).filename().string()));
  expect_resumable();
}

TEST_F(Ranks, InterruptedRunGoesOnWithAnotherNumberOfProcesses) {
  ASSERT_EQ(run_command(argv).exit_status, 0);
  const auto alone = run_content(run);
  fs::remove_all(run);
  const CommandResult result = with_ranks(
      "start_ranks 2 \"$@\"; wait_for_journal 4000; kill -INT ${ranks[0]}; finish 0; finish 1", run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 130\n"));
  EXPECT_THAT(result.out, HasSubstr("rank 1 ended with 7\n"));
  EXPECT_THAT(result.out, HasSubstr("rank 0 has ended the run: interrupted"));
  expect_resumable();
  with_ranks(start_and_finish(3), run, argv);
  EXPECT_EQ(run_content(run), alone);
}

TEST_F(Ranks, PortThatIsTakenIsNamed) {
  const CommandResult result = with_ranks(
      "on=(env); exec 3< <(python3 -c 'import socket, time; s = socket.socket(); s.bind((\"\", 0)); "
      "s.listen(); "
      "print(s.getsockname()[1], flush=True); time.sleep(6)'); read -r port <&3; "
      "start_rank 0 2 127.0.0.1 $port \"$@\"; finish 0; kill $! 2>/dev/null",
      run, argv);
  EXPECT_THAT(result.out, HasSubstr("rank 0 ended with 7\n"));
  EXPECT_THAT(result.out, HasSubstr("cannot serve the store on port"));
}

}  // namespace
}  // namespace bteval
