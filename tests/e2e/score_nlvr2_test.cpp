// `bteval score nlvr2` and `bteval score snli-ve`, run as users run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/version.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScoreFiles : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  CommandResult score(const char* task, const std::string& annotations, const std::string& predictions,
                      std::vector<std::string> more) const {
    std::vector<std::string> argv = {
        BTEVAL_BINARY, "score", task, "--annotations", path(annotations), "--predictions", path(predictions)};
    argv.insert(argv.end(), more.begin(), more.end());
    return testing::run_command(argv);
  }

  testing::TempDir dir_;
};

class ScoreNlvr2 : public ScoreFiles {
 protected:
  ScoreNlvr2() {
    write("dev.json", record("dev-1-0-0", "True") + record("dev-1-2-0", "False") +
                          record("dev-1-0-1", "True") + record("dev-2-0-0", "False"));
    write("balanced.json", record("dev-1-0-0", "True") + record("dev-2-0-0", "False"));
    write("categories.csv", "dev-1-0-0,negation\ndev-2-0-0,negation\ndev-7-0-0,negation\n");
    write("p.csv", "dev-1-0-0,true\ndev-1-2-0,FALSE\ndev-1-0-1,True\ndev-2-0-0,True\n");
  }
  static std::string record(const std::string& identifier, const std::string& label) {
    return OrderedJson{{"sentence", "x"}, {"label", label}, {"identifier", identifier}}.dump() + "\n";
  }
  CommandResult run(std::vector<std::string> more = {}) const {
    return score("nlvr2", "dev.json", "p.csv", std::move(more));
  }
};

TEST_F(ScoreNlvr2, PrintsTableOfficialLinesAndSignature) {
  const CommandResult result =
      run({"--balanced", path("balanced.json"), "--categories", path("categories.csv")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith("NLVR2 accuracy                  score  samples\n"
                                     "------------------------------  -----  -------\n"
                                     "overall                         75.00        4\n"
                                     "consistency\n"
                                     "  overall                       66.67        3\n"
                                     "  balanced                      50.00        2\n"
                                     "accuracy of subsets\n"
                                     "  balanced                      50.00        2\n"
                                     "accuracy by reasoning category\n"
                                     "  negation                      50.00        2\n"
                                     "\n"
                                     "precision=0.75\n"
                                     "consistency=0.6666666666666666\n"
                                     "1 categories are for other examples and do not count\n"
                                     "nlvr2|split:dev|scorer:official|n:4|annotations:"));
  EXPECT_THAT(result.out, HasSubstr("|bteval:" + version() + "\n"));
}

TEST_F(ScoreNlvr2, WritesTheSameJsonEveryTime) {
  ASSERT_EQ(run({"--json", path("1.json")}).exit_status, 0);
  ASSERT_EQ(run({"--json", path("2.json")}).exit_status, 0);
  EXPECT_EQ(read("1.json"), read("2.json"));
  const Json json = read_json(path("1.json"));
  EXPECT_EQ(json.at("task"), "nlvr2");
  EXPECT_EQ(json.at("score").at("overall").at("fraction"), 0.75);
  EXPECT_EQ(json.at("score").at("groups").at("consistency").at("overall").at("correct"), 2);
  EXPECT_EQ(json.at("counts").at("scored"), 4);
  EXPECT_EQ(json.at("files").size(), 2U);
}

TEST_F(ScoreNlvr2, PartialResultsAreScoredOnlyWhenAskedFor) {
  write("p.csv", "dev-1-0-0,True\ndev-1-2-0,True\ndev-9-9-9,True\n");
  const CommandResult strict = run();
  EXPECT_EQ(strict.exit_status, 3);
  EXPECT_THAT(strict.err,
              HasSubstr("p.csv: 2 of 4 examples have no prediction (identifier dev-1-0-1, dev-2-0-0)"));
  const CommandResult partial = run({"--allow-partial"});
  EXPECT_EQ(partial.exit_status, 0) << partial.err;
  EXPECT_THAT(partial.out, HasSubstr("|n:2|of:4|partial:yes|"));
  EXPECT_THAT(partial.out, HasSubstr("2 of 4 examples have no prediction and do not count\n"
                                     "1 predictions are for other examples and do not count\n"));
}

TEST_F(ScoreNlvr2, ReadsTheLinesOfARun) {
  std::string lines;
  for (const char* id : {"dev-1-0-0", "dev-1-2-0", "dev-1-0-1", "dev-2-0-0"}) {
    lines += OrderedJson{{"identifier", id}, {"prediction", "True"}, {"label", 1}}.dump() + "\n";
  }
  write("p.csv", lines);
  EXPECT_THAT(run().out, HasSubstr("precision=0.5\n"));
}

TEST_F(ScoreNlvr2, BadInputEndsWithOneLineAndItsStatus) {
  const struct {
    const char* file;
    const char* text;
    const char* error;
  } cases[] = {
      {"p.csv", "dev-1-0-0,True\n\n", "p.csv: line 2: at byte 15: is blank; the official scorer ends"},
      {"p.csv", "dev-1-0-0,True\ndev-1-0-0,True\n", "p.csv: identifier dev-1-0-0: stands twice"},
      {"p.csv", "dev-9-0-0,True\n", "p.csv: none of its 1 predictions is for one of the 4 examples"},
      {"p.csv", "version https://git-lfs.github.com/spec/v1\n", "p.csv: is a Git LFS pointer"},
      {"dev.json", "{\"sentence\": \"x\", \"identifier\": \"dev-1-0-0\"}\n",
       "dev.json: 1 of 1 examples have no label, so that predictions cannot be scored"},
      {"dev.json", "<html>", "dev.json: is not JSON; it starts with '<html>'"}};
  for (const auto& c : cases) {
    const std::string before = read(c.file);
    write(c.file, c.text);
    const CommandResult result = run();
    write(c.file, before);
    EXPECT_EQ(result.exit_status, 3) << c.text;
    EXPECT_THAT(result.err, HasSubstr(c.error)) << c.text;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
    EXPECT_EQ(result.out, "") << c.text;
  }
  EXPECT_EQ(testing::run_command({BTEVAL_BINARY, "score", "nlvr2"}).exit_status, 2);
}

class ScoreSnliVe : public ScoreFiles {
 protected:
  ScoreSnliVe() {
    write("snli_ve_dev.jsonl", record("a", "7", "contradiction") + record("b", "7", "neutral") +
                                   record("c", "8", "neutral") + record("d", "9", "-"));
    write("p.jsonl", prediction("a", "contradiction") + prediction("b", "entailment") +
                         prediction("c", "neutral") + prediction("d", "neutral"));
  }
  static std::string record(const char* pair, const char* image, const char* label) {
    return OrderedJson{{"pairID", pair}, {"Flikr30kID", image}, {"gold_label", label}, {"sentence2", "x"}}
               .dump() +
           "\n";
  }
  static std::string prediction(const char* pair, const char* label) {
    return OrderedJson{{"pairID", pair}, {"prediction", label}}.dump() + "\n";
  }
  CommandResult run(std::vector<std::string> more = {}) const {
    return score("snli-ve", "snli_ve_dev.jsonl", "p.jsonl", std::move(more));
  }
};

TEST_F(ScoreSnliVe, PrintsTableMatrixAndSignature) {
  const CommandResult result = run({"--json", path("s.json")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(
      result.out,
      StartsWith(
          "SNLI-VE accuracy     score  samples\n"
          "------------------  ------  -------\n"
          "overall              66.67        3\n"
          "accuracy by class\n"
          "  contradiction     100.00        1\n"
          "  neutral            50.00        2\n"
          "  entailment             -        0\n"
          "precision by class\n"
          "  contradiction     100.00        1\n"
          "  neutral           100.00        1\n"
          "  entailment          0.00        1\n"
          "F1 by class\n"
          "  contradiction     100.00        1\n"
          "  neutral            66.67        2\n"
          "  entailment          0.00        0\n"
          "macro\n"
          "  F1                 55.56        3\n"
          "\n"
          "gold / predicted  contradiction  neutral  entailment\n"
          "----------------  -------------  -------  ----------\n"
          "contradiction                 1        0           0\n"
          "neutral                       0        1           1\n"
          "entailment                    0        0           0\n"
          "\n"
          "1 pairs have no gold label and do not count\n"
          "1 pairs of image and hypothesis stand more than once, 1 of them with different gold labels\n"
          "snli-ve|split:dev|scorer:standard|n:3|annotations:"));
  const Json json = read_json(path("s.json"));
  EXPECT_EQ(json.at("score").at("matrices").at("confusion matrix").at("counts"),
            Json::parse("[[1, 0, 0], [0, 1, 1], [0, 0, 0]]"));
  EXPECT_EQ(json.at("counts").at("conflicting_pairs"), 1);
}

TEST_F(ScoreSnliVe, BadInputEndsWithOneLineAndItsStatus) {
  const std::pair<std::string, const char*> cases[] = {
      {prediction("a", "neutral"), "p.jsonl: 3 of 4 pairs have no prediction (pairID b, c, d)"},
      {prediction("a", "yes"),
       "p.jsonl: line 1, pairID a: at byte 27: the prediction is none of contradiction"},
      {prediction("a", "neutral") + prediction("a", "neutral"), "p.jsonl: pairID a: stands twice"},
      {"a,neutral\n", "p.jsonl: is not JSON; it starts with 'a,neutral"},
      {"", "p.jsonl: the file is empty"}};
  for (const auto& [text, error] : cases) {
    write("p.jsonl", text);
    const CommandResult result = run();
    EXPECT_EQ(result.exit_status, 3) << text;
    EXPECT_THAT(result.err, HasSubstr(error)) << text;
    EXPECT_EQ(result.out, "") << text;
  }
  write("p.jsonl", prediction("a", "neutral"));
  EXPECT_THAT(run({"--allow-partial"}).out, HasSubstr("|n:1|of:3|partial:yes|"));
  write("snli_ve_dev.jsonl", record("a", "7", "-"));
  EXPECT_THAT(run().err, HasSubstr("snli_ve_dev.jsonl: no pair has a gold label"));
}

}  // namespace
}  // namespace bteval
