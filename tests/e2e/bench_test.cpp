// `bteval bench` as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;

CommandResult bench(std::vector<std::string> more, const std::string& input = "") {
  std::vector<std::string> command = {BTEVAL_BINARY, "bench",    "--shape",  "small",     "--image-size",
                                      "64",          "--images", "2",        "--repeats", "2",
                                      "--threads",   "1",        "--device", "cpu"};
  command.insert(command.end(), more.begin(), more.end());
  return testing::run_command(command, input);
}

TEST(Bench, PrintsStagesAndWritesJson) {
  const testing::TempDir dir;
  const auto file = dir.path() / "result.json";
  const CommandResult result = bench({"--json", file.string(), "--without", "pooled-row", "--compare"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  for (const char* part :
       {"2 images, 10 pairs", "vision", "fusion", "of peak", "gain: ", "0 of 10 predictions"})
    EXPECT_THAT(result.out, HasSubstr(part));
  const Json json = read_json(file);
  EXPECT_EQ(json.at("mode"), "throughput");
  EXPECT_EQ(json.at("without"), Json::array({"pooled-row"}));
  EXPECT_EQ(json.at("runs").size(), 2U);
}

TEST(Bench, RepeatsAtTheOtherProgramsPace) {
  const CommandResult result = bench({"--paced"}, "\n\n\n");
  ASSERT_EQ(result.exit_status, 0) << result.err;
  std::istringstream lines(result.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const Json ready = parse_json(line, "output");
  EXPECT_EQ(ready.at("pairs"), 10);
  EXPECT_EQ(ready.at("logits_sha256").get<std::string>().size(), 64U);
  for (int repeat = 0; repeat < 3; ++repeat) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_GT(parse_json(line, "output").at("seconds").get<double>(), 0);
  }
  EXPECT_THAT(result.out, HasSubstr("(median of 3;"));
}

TEST(Bench, RefusesWithOneLineAndAStatus) {
  const int usage = exit_status(ErrorCode::kUsage);
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--without", "magic"}, "packed-weights"},
      {{"--head", "mlm"}, "vqa or itm"},
      {{"--dtype", "fp8"}, "fp32, bf16 or fp16"},
      {{"--paced"}, "nothing on standard input"},
      {{"input"}, "--image-folder"},
  };
  for (const auto& [words, message] : cases) {
    SCOPED_TRACE(words[0]);
    const CommandResult result = bench(words);
    EXPECT_EQ(result.exit_status, usage);
    EXPECT_THAT(result.err, HasSubstr(message));
  }
}

}  // namespace
}  // namespace bteval
