// `bteval compare` as a user runs it, on runs of the mini suite's VQAv2 model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/json.h"
#include "support/mini_vqav2.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::CommandResult;
using bteval::testing::mini_suite;
using bteval::testing::MiniVqav2;
using bteval::testing::run_command;
using bteval::testing::TempDir;
using ::testing::HasSubstr;

CommandResult run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), BTEVAL_BINARY);
  return run_command(arguments);
}

CommandResult eval(const MiniVqav2& data, const fs::path& out, const std::vector<std::string>& more) {
  const Json entry = read_json(mini_suite() / "suite.json").at("entries").at(0);
  std::vector<std::string> arguments = {"eval",         "vqav2",
                                        "--model",      (mini_suite() / "checkpoints/vqav2").string(),
                                        "--data",       data.root.string(),
                                        "--split",      data.split,
                                        "--transform",  entry.at("transform").get<std::string>(),
                                        "--image-size", std::to_string(entry.at("image_size").get<int>()),
                                        "--out",        out.string(),
                                        "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

TEST(CompareCommand, ComparesTwoRealRuns) {
  const TempDir dir;
  const MiniVqav2 data(dir.path() / "data", 60);
  data.write();
  const fs::path full = dir.path() / "full", cut = dir.path() / "cut";
  // Questions without their ends: the same samples, other answers.
  const CommandResult first = eval(data, full, {"--max-length", "24"}),
                      second = eval(data, cut, {"--max-length", "5"});
  ASSERT_EQ(first.exit_status, 0) << first.err;
  ASSERT_EQ(second.exit_status, 0) << second.err;

  const fs::path json = dir.path() / "c.json", markdown = dir.path() / "c.md",
                 flips = dir.path() / "flips.jsonl";
  const CommandResult result = run({"compare", full.string(), cut.string(), "--json", json.string(),
                                    "--markdown", markdown.string(), "--flips", flips.string(), "--resamples",
                                    "2000", "--name", "whole", "--name", "cut off", "--calibration"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("whole (reference)"));
  EXPECT_THAT(result.out, HasSubstr("answer type"));
  EXPECT_THAT(result.out, HasSubstr("ECE"));
  EXPECT_THAT(std::string(Bytes::map_file(markdown)->text()), HasSubstr("| cut off | "));

  const Json document = read_json(json);
  EXPECT_EQ(document.at("samples"), 60);
  for (const auto& [index, folder] : {std::pair(0, full), std::pair(1, cut)}) {
    // The samples add up to the official score of each run.
    const double official =
        read_json(folder / "metrics.json").at("score").at("overall").at("unrounded").get<double>();
    EXPECT_NEAR(
        document.at("runs").at(static_cast<std::size_t>(index)).at("values").at("accuracy").at("value"),
        official, 1e-9);
  }
  const Json& difference = document.at("runs").at(1).at("differences").at("accuracy");
  EXPECT_LT(difference.at("difference").get<double>(), 0);
  EXPECT_LE(difference.at("interval").at(0), difference.at("difference"));
  const Json& counts = document.at("runs").at(1).at("flips");
  const std::string lines(Bytes::map_file(flips)->text());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'),
            counts.at("better").get<int>() + counts.at("worse").get<int>());
  EXPECT_GT(counts.at("worse").get<int>(), 0);

  // The leaderboard shows the same calibration.
  const CommandResult board = run({"report", full.string(), cut.string(), "--calibration", "--sort", "name",
                                   "--reverse", "--format", "json"});
  ASSERT_EQ(board.exit_status, 0) << board.err;
  const Json table = Json::parse(board.out).at("tables").at(0);
  for (const std::size_t index : {0U, 1U}) {  // "full" before "cut", as above
    const Json& calibration = document.at("runs").at(index).at("calibration");
    const auto shown = [&](const std::string& title) {
      for (const auto& [key, cell] : table.at("rows").at(index).at("cells").items())
        if (key.ends_with("/" + title)) return cell.at("value").get<double>();
      return -1.0;
    };
    EXPECT_NEAR(shown("ECE"), 100 * calibration.at("expected_error").get<double>(), 1e-9);
    EXPECT_NEAR(shown("at 80 %"), 100 * calibration.at("coverage").at(3).at("accuracy").get<double>(), 1e-9);
    EXPECT_NEAR(shown("at 90 %"), 100 * calibration.at("coverage").at(4).at("accuracy").get<double>(), 1e-9);
  }
  EXPECT_EQ(run({"report", full.string(), "--format", "csv"}).out.find("ECE"), std::string::npos);

  const MiniVqav2 other(dir.path() / "other", 30);
  other.write();
  const fs::path half = dir.path() / "half";
  ASSERT_EQ(eval(other, half, {"--max-length", "24"}).exit_status, 0);
  const CommandResult refused = run({"compare", full.string(), half.string()});
  EXPECT_EQ(refused.exit_status, 3);
  EXPECT_THAT(refused.err, HasSubstr("not comparable"));
  EXPECT_THAT(refused.err, HasSubstr("digest of the annotations"));
  const CommandResult forced = run({"compare", full.string(), half.string(), "--force"});
  EXPECT_EQ(forced.exit_status, 0) << forced.err;
  EXPECT_THAT(forced.out, HasSubstr("30 samples in"));
  EXPECT_THAT(forced.err, HasSubstr("warning: not comparable: digest of the annotations"));
}

TEST(CompareCommand, UsageErrors) {
  EXPECT_EQ(run({"compare", "one"}).exit_status, 2);
  EXPECT_EQ(run({"compare", "nowhere", "elsewhere"}).exit_status, 3);
  EXPECT_EQ(run({"compare", "a", "b", "--alpha", "2"}).exit_status, 2);
}

}  // namespace
}  // namespace bteval
