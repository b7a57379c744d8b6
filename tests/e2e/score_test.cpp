// `bteval score vqav2`, run as users run it.
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

namespace fs = std::filesystem;
using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScoreVqav2 : public ::testing::Test {
 protected:
  ScoreVqav2() {
    questions_ = {{"data_subtype", "val2014"}, {"questions", OrderedJson::array()}};
    annotations_ = {{"annotations", OrderedJson::array()}};
    add(10, "Is it red?", "yes/no", "is it", {"yes", "no"}, 6);  // 6 yes, 4 no
    add(20, "How many?", "number", "how many", {"2", "3"}, 10);  // all say 2
    add(30, "What is it?", "other", "what is", {"a dog", "cat"}, 2);
    predictions_ = OrderedJson::array({{{"question_id", 10}, {"answer", "Yes."}},
                                       {{"question_id", 20}, {"answer", "two"}},
                                       {{"question_id", 30}, {"answer", "dog"}}});
  }

  void add(int id, const char* question, const char* answer_type, const char* question_type,
           const std::vector<std::string>& answers, int first_count) {
    questions_["questions"].push_back({{"question_id", id}, {"image_id", 1}, {"question", question}});
    OrderedJson humans = OrderedJson::array();
    for (int i = 0; i < 10; ++i) {
      humans.push_back(
          {{"answer", answers[i < first_count ? 0 : 1]}, {"answer_confidence", "yes"}, {"answer_id", i + 1}});
    }
    annotations_["annotations"].push_back({{"question_id", id},
                                           {"image_id", 1},
                                           {"answer_type", answer_type},
                                           {"question_type", question_type},
                                           {"multiple_choice_answer", answers[0]},
                                           {"answers", humans}});
  }

  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }

  CommandResult score(std::vector<std::string> more = {}) const {
    std::vector<std::string> argv = {BTEVAL_BINARY,  "score",         "vqav2",
                                     "--questions",  path("q.json"),  "--annotations",
                                     path("a.json"), "--predictions", path("p.json")};
    argv.insert(argv.end(), more.begin(), more.end());
    return testing::run_command(argv);
  }
  CommandResult write_and_score(std::vector<std::string> more = {}) const {
    write("q.json", questions_.dump());
    write("a.json", annotations_.dump());
    write("p.json", predictions_.dump());
    return score(std::move(more));
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  testing::TempDir dir_;
  OrderedJson questions_;
  OrderedJson annotations_;
  OrderedJson predictions_;
};

TEST_F(ScoreVqav2, PrintsTableAndSignature) {
  const CommandResult result = write_and_score({"-v"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith("VQA accuracy       score  samples\n"
                                     "----------------  ------  -------\n"
                                     "overall            53.33        3\n"
                                     "by answer type\n"
                                     "  number            0.00        1\n"
                                     "  other            60.00        1\n"
                                     "  yes/no          100.00        1\n"
                                     "by question type\n"
                                     "  how many          0.00        1\n"
                                     "  is it           100.00        1\n"
                                     "  what is          60.00        1\n"
                                     "\n"
                                     "vqav2|split:val2014|scorer:official-2021|n:3|questions:"));
  EXPECT_THAT(result.out, HasSubstr("|bteval:" + version() + "\n"));
}

TEST_F(ScoreVqav2, WritesTheSameFilesEveryTime) {
  ASSERT_EQ(write_and_score({"--json", path("s1.json"), "--per-question", path("e1.json")}).exit_status, 0);
  ASSERT_EQ(score({"--json", path("s2.json"), "--per-question", path("e2.json")}).exit_status, 0);
  EXPECT_EQ(read("s1.json"), read("s2.json"));
  EXPECT_EQ(read("e1.json"), "{\"10\": 100.0, \"20\": 0.0, \"30\": 60.0}\n");
  const Json json = read_json(path("s1.json"));
  EXPECT_EQ(json.at("score").at("overall").at("value"), 53.33);
  EXPECT_EQ(json.at("score").at("groups").at("by answer type").at("other").at("value"), 60.0);
  EXPECT_EQ(json.at("counts").at("scored"), 3);
  EXPECT_EQ(json.at("files").size(), 3U);
}

TEST_F(ScoreVqav2, VariantsScoreDifferently) {
  ASSERT_EQ(write_and_score({"--scorer", "pre-2021", "--per-question", path("e.json")}).exit_status, 0);
  EXPECT_EQ(read("e.json"), "{\"10\": 100.0, \"20\": 100.0, \"30\": 0.0}\n");
  write("v.json", R"(["yes", "2", "dog"])");
  const CommandResult label =
      score({"--scorer", "label-score", "--vocabulary", path("v.json"), "--per-question", path("e.json")});
  ASSERT_EQ(label.exit_status, 0) << label.err;
  EXPECT_EQ(read("e.json"), "{\"10\": 0.0, \"20\": 0.0}\n");
  EXPECT_THAT(label.out, HasSubstr("1 questions have no answer in the vocabulary"));
  EXPECT_THAT(label.out, HasSubstr("|scorer:label-score|n:2|"));
}

TEST_F(ScoreVqav2, PartialResultsAreScoredOnlyWhenAskedFor) {
  predictions_.erase(1);
  predictions_.push_back({{"question_id", 99}, {"answer", "x"}});
  const CommandResult strict = write_and_score();
  EXPECT_EQ(strict.exit_status, 3);
  EXPECT_THAT(strict.err,
              HasSubstr("p.json: 1 of 3 questions have no prediction (question_id 20); 1 predictions are "
                        "for unknown questions (question_id 99)"));
  const CommandResult partial = score({"--allow-partial"});
  EXPECT_EQ(partial.exit_status, 0) << partial.err;
  EXPECT_THAT(partial.out, HasSubstr("|n:2|of:3|partial:yes|"));
  EXPECT_THAT(partial.out, HasSubstr("1 of 3 questions have no prediction and do not count"));
}

TEST_F(ScoreVqav2, ReadsPredictionLines) {
  write_and_score();
  std::string lines;
  for (const OrderedJson& prediction : predictions_) lines += prediction.dump() + "\n";
  write("p.json", lines);
  const CommandResult result = score();
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("53.33"));
}

TEST_F(ScoreVqav2, BadInputEndsWithOneLineAndItsStatus) {
  const struct {
    const char* file;
    const char* text;
    int status;
    const char* error;
  } cases[] = {
      {"q.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", 3,
       "q.json: is a Git LFS pointer"},
      {"q.json", "It is too large to upload the file", 3,
       "q.json: is not JSON; it starts with 'It is too large"},
      {"q.json", "", 3, "q.json: the file is empty"},
      {"q.json", R"({"annotations": []})", 3, R"(q.json: has no "questions", so it is no question file)"},
      {"q.json", R"({"questions": [{"question_id": 10, "image_id": 1, "question": ""}]})", 3,
       "q.json: question_id 10: at byte 65: the question that ends here is empty"},
      {"q.json", R"({"questions": [{"question_id": 10, "image_id": 1, "question": "a?"}]})", 3,
       "a.json: question_id 20, 30: has 2 annotations without a question"},
      {"a.json", R"({"annotations": []})", 3,
       "a.json: question_id 10, 20, 30: has no annotation for 3 of the 3 questions"},
      {"a.json", R"({"annotations": [{"question_id": 10}]})", 3,
       R"(a.json: question_id 10: at byte 36: the record that ends here has no "image_id")"},
      {"p.json", R"([{"question_id": 10, "answer": "a"}, {"question_id": 10, "answer": "b"}])", 3,
       "p.json: question_id 10: stands twice: record 0 and record 1"},
      {"p.json", R"([{"question_id": 10, "answer": 7}])", 3,
       "p.json: question_id 10: at byte 31: expected a string, found '7}]'"},
      {"p.json", R"([{"question_id": 10, "answer": "a"})", 3,
       "p.json: at byte 35: ends where ',' or ']' should stand"},
      {"p.json", "[]", 3, "p.json: none of its 0 predictions is for one of the 3 questions"},
  };
  for (const auto& c : cases) {
    ASSERT_EQ(write_and_score().exit_status, 0);
    write(c.file, c.text);
    const CommandResult result = score();
    EXPECT_EQ(result.exit_status, c.status) << c.text;
    EXPECT_THAT(result.err, StartsWith("bteval: " + dir_.path().string())) << c.text;
    EXPECT_THAT(result.err, HasSubstr(c.error)) << c.text;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
    EXPECT_EQ(result.out, "") << c.text;
  }
}

TEST_F(ScoreVqav2, BadOptionsAreUsageErrors) {
  write_and_score();
  EXPECT_EQ(score({"--scorer", "best"}).exit_status, 2);
  EXPECT_THAT(score({"--scorer", "best"}).err,
              HasSubstr("there is no scorer 'best'; choose one of official-2021"));
  EXPECT_EQ(score({"--scorer", "label-score"}).exit_status, 2);
  EXPECT_THAT(score({"--scorer", "label-score"}).err, HasSubstr("--vocabulary"));
  EXPECT_EQ(testing::run_command({BTEVAL_BINARY, "score", "vqav2"}).exit_status, 2);
  EXPECT_EQ(testing::run_command({BTEVAL_BINARY, "score"}).exit_status, 2);
  EXPECT_EQ(score({"--vocabulary", path("none.json")}).exit_status, 3);
  EXPECT_EQ(score({"--json", path("no/such/folder/s.json")}).exit_status, 3);
}

}  // namespace
}  // namespace bteval
