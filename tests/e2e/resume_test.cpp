// `bteval eval` that is stopped, killed, out of disk, or started twice: what is on disk afterwards, and that
// going on ends in the same bytes as a run that nobody has disturbed.
#include <map>

#include "e2e/program.h"

namespace bteval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ResumeTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const CommandResult result = run_command(argv);
    ASSERT_EQ(result.exit_status, 0) << result.err;
    fs::rename(run, reference);
  }
  CommandResult kill_at(std::size_t journal_bytes, const char* signal) const {
    return run_script("start_until " + std::to_string(journal_bytes) + " \"$@\"; kill -" + signal +
                          " $pid 2>/dev/null; wait $pid",
                      run, argv);
  }

  TempDir dir;
  fs::path reference = dir.path() / "reference", run = dir.path() / "run";
  std::vector<std::string> argv = in_units(GetParam(), run);
};

std::size_t journal_bytes(const fs::path& run) {
  return fs::exists(run / "journal") ? fs::file_size(run / "journal") : 0;
}

TEST_P(ResumeTest, KilledAgainAndAgainItEndsAsIfNothingHadHappened) {
  std::size_t kills = 0;
  for (std::size_t bytes = 1; kills < 4; bytes = journal_bytes(run) + 3000, ++kills) {
    const CommandResult result = kill_at(bytes, "KILL");
    if (result.exit_status == 0) break;
    ASSERT_EQ(result.exit_status, 137) << result.err;
    ASSERT_GT(journal_bytes(run), 0U);
  }
  EXPECT_GE(kills, 2U);
  const CommandResult last = run_command(argv);
  ASSERT_EQ(last.exit_status, 0) << last.err;
  EXPECT_EQ(run_content(run), run_content(reference));
}

TEST_P(ResumeTest, AJournalTornAnywhereCostsNothingButTime) {
  kill_at(6000, "KILL");
  const std::string whole = text_of(run / "journal");
  for (const std::size_t cut : {std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
    SCOPED_TRACE(cut);
    fs::remove_all(run);
    fs::create_directory(run);
    write_file_atomic(run / "journal", whole.substr(0, cut));
    const CommandResult result = run_command(argv);
    ASSERT_EQ(result.exit_status, 0) << result.err;
    EXPECT_EQ(run_content(run), run_content(reference));
  }
}

TEST_P(ResumeTest, ASignalEndsItBetweenTwoPartsWithoutLoss) {
  for (const char* signal : {"INT", "TERM"}) {
    const std::size_t before = journal_bytes(run);
    const CommandResult stopped = kill_at(before + 2000, signal);
    ASSERT_EQ(stopped.exit_status, 130) << stopped.err;
    EXPECT_THAT(stopped.err, AllOf(HasSubstr("a second signal stops at once"),
                                   HasSubstr("are done; the same command goes on from there")));
    EXPECT_FALSE(fs::exists(run / "manifest.json"));
  }
  const CommandResult last = run_command(argv);
  ASSERT_EQ(last.exit_status, 0) << last.err;
  EXPECT_THAT(last.err, HasSubstr("going on with an interrupted run"));
  EXPECT_EQ(run_content(run), run_content(reference));
}

INSTANTIATE_TEST_SUITE_P(Tasks, ResumeTest, ::testing::Values("vqav2", "nlvr2", "coco"));

class UnfinishedRun : public ::testing::Test {
 protected:
  TempDir dir;
  fs::path run = dir.path() / "run";
  std::vector<std::string> argv = in_units("snli-ve", run);
};

TEST_F(UnfinishedRun, IsNotTakenForAnotherRunsBeginning) {
  run_script("start_until 3000 \"$@\"; kill -KILL $pid; wait $pid", run, argv);
  const std::string before = text_of(run / "journal");
  const CommandResult report = run_command({BTEVAL_BINARY, "report", run.string()});
  EXPECT_EQ(report.exit_status, 3);
  EXPECT_THAT(report.err, HasSubstr("run: is an unfinished run"));
  std::vector<std::string> other = argv;
  other.insert(other.end(), {"--dtype", "bf16"});
  const CommandResult refused = run_command(other);
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr(R"(options/dtype was "fp32", now it is "bf16")"));
  EXPECT_EQ(text_of(run / "journal"), before);
  other.emplace_back("--force");
  EXPECT_EQ(run_command(other).exit_status, 0);
  EXPECT_EQ(read_json(run / "manifest.json").at("options").at("dtype"), "bf16");
}

TEST_F(UnfinishedRun, IsWrittenByOneProcessAtATime) {
  const CommandResult second = run_script(
      "start_until 3000 \"$@\" 2>/dev/null; kill -STOP $pid; \"$@\"; status=$?; kill -KILL $pid; exit "
      "$status",
      run, argv);
  EXPECT_EQ(second.exit_status, 2);
  EXPECT_THAT(second.err, HasSubstr("another process is writing this run"));
  EXPECT_EQ(run_command(argv).exit_status, 0);
}

TEST(Suite, KeepsWhatIsFinished) {
  const TempDir dir;
  const std::vector<std::string> argv = {BTEVAL_BINARY, "eval",      "--suite",
                                         "mini",        "--threads", "1",
                                         "--quiet",     "--out",     (dir.path() / "runs").string()};
  const CommandResult first = run_command(argv);
  ASSERT_EQ(first.exit_status, 0) << first.err;
  const auto coco = dir.path() / "runs/coco";
  const auto before = fs::last_write_time(coco / "predictions.jsonl");
  write_file_atomic(dir.path() / "runs/nlvr2/predictions.jsonl", "damaged");
  const CommandResult second = run_command(argv);
  ASSERT_EQ(second.exit_status, 0) << second.err;
  EXPECT_EQ(fs::last_write_time(coco / "predictions.jsonl"), before);
  EXPECT_THAT(second.out, HasSubstr("finished before in " + coco.string()));
  EXPECT_THAT(second.out, Not(HasSubstr("finished before in " + (dir.path() / "runs/nlvr2").string())));
  EXPECT_GT(fs::file_size(dir.path() / "runs/nlvr2/predictions.jsonl"), 1000U);
}

}  // namespace
}  // namespace bteval
