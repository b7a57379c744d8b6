// `bteval eval --shard` and `bteval merge`: joined shards have the bytes of a run without any, and what does
// not belong together is refused.
#include <map>

#include "core/bytes.h"
#include "e2e/program.h"

namespace bteval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

Words eval_command(const std::string& entry, const fs::path& out, const Words& more = {}) {
  Words argv = in_units(entry, out);
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

/// A run's files without the command line, which is another one in a merged run: manifest and report tell it.
std::map<std::string, std::string> comparable(const fs::path& run) {
  std::map<std::string, std::string> files = run_content(run);
  Json manifest = Json::parse(files.at("manifest.json"));
  manifest.erase("command");
  for (Json& output : manifest.at("outputs")) {
    if (output.at("name") == "report.md") output.clear();
  }
  files["manifest.json"] = manifest.dump();
  files.erase("report.md");
  return files;
}

class Shards : public ::testing::Test {
 protected:
  fs::path shard(int number) const { return dir.path() / ("shard" + std::to_string(number)); }
  CommandResult compute(const std::string& entry, int number, int count, const Words& more = {}) const {
    Words argv =
        eval_command(entry, shard(number), {"--shard", std::to_string(number) + "/" + std::to_string(count)});
    argv.insert(argv.end(), more.begin(), more.end());
    return run_command(argv);
  }
  CommandResult merge(const std::vector<int>& numbers, const Words& more = {}) const {
    Words argv = {BTEVAL_BINARY, "merge", "--out", merged.string()};
    for (const int number : numbers) argv.push_back(shard(number).string());
    argv.insert(argv.end(), more.begin(), more.end());
    return run_command(argv);
  }
  void compute_all(const std::string& entry, int count) const {
    for (int number = 1; number <= count; ++number) {
      const CommandResult result = compute(entry, number, count);
      ASSERT_EQ(result.exit_status, 0) << result.err;
    }
  }
  void expect_refused(const CommandResult& result, int status, const std::vector<std::string>& words) const {
    EXPECT_EQ(result.exit_status, status) << result.err;
    for (const std::string& word : words) EXPECT_THAT(result.err, HasSubstr(word));
    EXPECT_FALSE(fs::exists(merged / "manifest.json"));
  }

  TempDir dir;
  fs::path merged = dir.path() / "merged";
};

class ShardsOfTask : public Shards, public ::testing::WithParamInterface<const char*> {};

TEST_P(ShardsOfTask, JoinToTheBytesOfAWholeRun) {
  const fs::path whole = dir.path() / "whole";
  ASSERT_EQ(run_command(eval_command(GetParam(), whole)).exit_status, 0);
  compute_all(GetParam(), 3);
  EXPECT_TRUE(fs::exists(shard(2) / "journal"));
  EXPECT_FALSE(fs::exists(shard(2) / "predictions.jsonl"));
  const Json description = read_json(shard(2) / "shard.json");
  EXPECT_EQ(description.at("shard"), 2);
  EXPECT_EQ(description.at("of"), 3);
  EXPECT_LT(description.at("work_units"), description.at("work_units_of_run"));
  const CommandResult result = merge({3, 1, 2});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(comparable(merged), comparable(whole));
}

INSTANTIATE_TEST_SUITE_P(Tasks, ShardsOfTask, ::testing::Values("vqav2", "nlvr2", "snli-ve", "coco"));

TEST_F(Shards, SayHowMuchTheyAre) {
  const CommandResult result = compute("vqav2", 2, 3);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const Json description = read_json(shard(2) / "shard.json");
  EXPECT_THAT(result.out, HasSubstr("shard 2 of 3 is done: " + description.at("work_units").dump() + " of " +
                                    description.at("work_units_of_run").dump() + " work units"));
}

TEST_F(Shards, AreRefusedWhereOneIsMissingUnfinishedOrTwice) {
  compute_all("snli-ve", 3);
  expect_refused(merge({1, 3}), 2, {"shards are missing: 2 of 3"});
  expect_refused(merge({1, 2, 2, 3}), 2, {"shard2: is shard 2, and so is"});
  fs::remove(shard(2) / "shard.json");
  expect_refused(merge({1, 2, 3}), 3, {"shard2: is no finished shard"});
  ASSERT_EQ(compute("snli-ve", 2, 3).exit_status, 0);
  EXPECT_EQ(merge({1, 2, 3}).exit_status, 0);
}

TEST_F(Shards, AreRefusedWhereTheyAreOfOtherRuns) {
  ASSERT_EQ(compute("snli-ve", 1, 2).exit_status, 0);
  ASSERT_EQ(compute("snli-ve", 2, 2, {"--batch-size", "7"}).exit_status, 0);
  expect_refused(
      merge({1, 2}), 2,
      {"shard2: is a shard of another run than", "shard1", "options/batch_size was 16, here it is 7"});
  ASSERT_EQ(compute("snli-ve", 2, 3, {"--force"}).exit_status, 0);
  expect_refused(merge({1, 2}), 2, {"shard2: is one of 3 shards, and", "shard1 one of 2"});
}

TEST_F(Shards, AreRefusedWhereTheDataAreOtherOnes) {
  compute_all("vqav2", 2);
  const fs::path other = fs::path(in_units("nlvr2", merged)[4]);
  const CommandResult result = merge({1, 2}, {"--data", other.string()});
  EXPECT_NE(result.exit_status, 0);
  EXPECT_FALSE(fs::exists(merged / "manifest.json"));
}

TEST_F(Shards, ADamagedJournalIsNamed) {
  compute_all("snli-ve", 2);
  const fs::path journal = shard(2) / "journal";
  const std::string whole(Bytes::map_file(journal)->text());
  write_file_atomic(journal, whole.substr(0, whole.size() - 1));
  expect_refused(merge({1, 2}), 3, {"shard2/journal: has ", " whole records, and shard.json says "});
  ASSERT_EQ(compute("snli-ve", 2, 2).exit_status, 0);
  EXPECT_EQ(merge({1, 2}).exit_status, 0);
}

TEST_F(Shards, AKilledOneGoesOn) {
  const fs::path whole = dir.path() / "whole";
  ASSERT_EQ(run_command(eval_command("coco", whole)).exit_status, 0);
  const Words first = eval_command("coco", shard(1), {"--shard", "1/2"});
  run_script("start_until 4000 \"$@\"; kill -KILL $pid; wait $pid", shard(1), first);
  ASSERT_FALSE(fs::exists(shard(1) / "shard.json"));
  const CommandResult resumed = run_command(first);
  ASSERT_EQ(resumed.exit_status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("going on with an interrupted run"));
  ASSERT_EQ(compute("coco", 2, 2).exit_status, 0);
  ASSERT_EQ(merge({1, 2}).exit_status, 0);
  EXPECT_EQ(comparable(merged), comparable(whole));
}

TEST_F(Shards, OnlyRealOnesAreAccepted) {
  for (const char* text : {"0/2", "3/2", "1", "1/", "/2", "1/2x", "-1/2"}) {
    const CommandResult result =
        run_command(eval_command("vqav2", shard(1), {std::string("--shard=") + text}));
    EXPECT_EQ(result.exit_status, 2) << text;
    EXPECT_THAT(result.err, AllOf(HasSubstr("--shard"), HasSubstr(text), HasSubstr("1 <= I <= N")));
  }
  ASSERT_EQ(run_command(eval_command("snli-ve", shard(1))).exit_status, 0);
  expect_refused(merge({1}), 3, {"shard1: is a finished run, not a shard of one"});
}

}  // namespace
}  // namespace bteval
