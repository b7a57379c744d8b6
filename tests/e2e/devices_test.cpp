// `bteval eval --devices` and `--prove-invariance`: processes of one machine without a launcher.
#include "e2e/program.h"

namespace bteval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Devices : public ::testing::Test {
 protected:
  Devices() { MiniVqav2(dir.path() / "data", 60).write(); }
  MiniEval eval(const char* out, std::vector<std::string> more) const {
    more.insert(more.end(), {"--threads", "1", "--images-per-unit", "4"});
    return {.name = "vqav2", .out = dir.path() / out, .data = dir.path() / "data", .more = std::move(more)};
  }

  TempDir dir;
};

TEST_F(Devices, TwoProcessesWriteTheFilesOfOne) {
  const MiniEval alone = eval("alone", {}), both = eval("both", {"--devices", "cpu,cpu"});
  ASSERT_EQ(evaluate(alone).exit_status, 0);
  const CommandResult result = evaluate(both);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("VQA accuracy"));
  for (const char* file : {"predictions.jsonl", "metrics.json", "samples.jsonl", "submission.json"})
    EXPECT_EQ(text_of(both.out / file), text_of(alone.out / file)) << file;
  EXPECT_EQ(read_json(both.out / "manifest.json").at("timing").at("ranks"), 2);
}

TEST_F(Devices, UnknownOnesAreRefused) {
  for (const char* list : {"0,x", "cpu,", "gpu"}) {
    const CommandResult result = evaluate(eval("run", {"--devices", list}));
    EXPECT_EQ(result.exit_status, 2) << list;
    EXPECT_THAT(result.err, HasSubstr("is no device: --devices 0,1 starts a process on each of two GPUs"));
  }
}

TEST_F(Devices, ALauncherAndDevicesAreOneTooMany) {
  std::vector<std::string> argv = command_line(eval("run", {"--devices", "cpu,cpu"}));
  argv.insert(argv.begin(), {"env", "RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=29500"});
  const CommandResult result = run_command(argv);
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("--devices starts processes itself"));
}

TEST_F(Devices, AProofComparesFourRuns) {
  const MiniEval proof = eval("proof", {"--devices", "cpu,cpu", "--prove-invariance=3", "--limit", "20"});
  const CommandResult result = evaluate(proof);
  ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 process, batch 16"), HasSubstr("3 processes, batch 16"),
                                HasSubstr("3 processes, batch 8")));
  const Json document = read_json(proof.out / "invariance.json");
  EXPECT_EQ(document.at("holds"), true);
  ASSERT_EQ(document.at("comparisons").size(), 3U);
  for (const Json& comparison : document.at("comparisons")) {
    EXPECT_GT(comparison.at("lines"), 20);
    if (comparison.at("a").at("batch_size") == comparison.at("b").at("batch_size")) {
      EXPECT_TRUE(comparison.at("differences").empty());
    }
  }
  EXPECT_EQ(json_lines_of(proof.out / "whole-batch-3" / "predictions.jsonl").size(), 20U);
}

TEST_F(Devices, AProofIsOfWholeRunsOfOneTask) {
  const CommandResult shard = evaluate(eval("proof", {"--prove-invariance", "--shard", "1/2"}));
  EXPECT_EQ(shard.exit_status, 2);
  EXPECT_THAT(shard.err, HasSubstr("--prove-invariance makes whole runs"));
  const CommandResult suite =
      bteval_run({"eval", "--suite", "mini", "--out", (dir.path() / "proof").string(), "--prove-invariance"});
  EXPECT_EQ(suite.exit_status, 2);
  EXPECT_THAT(suite.err, HasSubstr("--prove-invariance is for one task, not for a suite"));
}

}  // namespace
}  // namespace bteval
