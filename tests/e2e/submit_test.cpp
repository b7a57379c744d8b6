// `bteval submit`: writing a run's submission, checking anybody's, reading the server's reply.
#include "e2e/program.h"

namespace bteval {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CommandResult submit(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "submit");
  return bteval_run(std::move(arguments));
}

class SubmitCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    Json list = Json::array();
    for (int i = 0; i < 6; ++i) {
      list.push_back({{"question_id", 1000 + i}, {"image_id", i}, {"question", "Is it?"}});
      answers.push_back({{"question_id", 1000 + i}, {"answer", i == 0 ? "" : "yes"}});
    }
    write_file_atomic(questions, Json{{"data_subtype", "test2015"}, {"questions", list}}.dump());
  }

  CommandResult check(const std::string& text) {
    write_file_atomic(file, text);
    return submit({"--check", file.string(), "--questions", questions.string()});
  }

  TempDir dir;
  fs::path questions = dir.path() / "questions.json", file = dir.path() / "answers.json";
  Json answers = Json::array();
};

TEST_F(SubmitCheck, AcceptsAWholeFileAndPrintsTheClientsCommand) {
  const CommandResult result = check(answers.dump());
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("6 answers to 6 questions"));
  EXPECT_THAT(result.out, HasSubstr("1 (16.67 %) are empty"));
  EXPECT_THAT(result.out, HasSubstr("evalai challenge 830 phase PHASE submit --file " + file.string()));
}

TEST_F(SubmitCheck, CountsAnswersOutsideTheVocabulary) {
  write_file_atomic(file, answers.dump());
  write_file_atomic(dir.path() / "vocabulary.json", R"(["no", ""])");
  const CommandResult result = submit({"--check", file.string(), "--questions", questions.string(),
                                       "--vocabulary", (dir.path() / "vocabulary.json").string()});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("5 (83.33 %) are not in the vocabulary"));
}

TEST_F(SubmitCheck, RefusesWhatTheServerRefusesWithExamples) {
  std::string lines;
  Json strings = answers, missing = answers, twice = answers, other = answers;
  for (Json& answer : strings) answer["question_id"] = std::to_string(answer["question_id"].get<int>());
  for (const Json& answer : answers) lines += answer.dump() + "\n";
  missing.erase(2);
  twice.push_back(twice[3]);
  other.push_back({{"question_id", 77}, {"answer", "yes"}});
  const struct {
    std::string text, reason;
  } cases[] = {
      {lines, "not JSON lines"},
      {strings.dump(), "6 question ids that are no integers: record 0, record 1, record 2, …"},
      {missing.dump(), "1 of 6 questions without an answer: 1002"},
      {missing.dump(), "test-dev's questions alone is refused"},
      {twice.dump(), "1 question ids that stand more than once: 1003"},
      {other.dump(), "1 question ids that the question file does not have: 77"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "Git LFS pointer"},
      {"<!DOCTYPE html><html><body>404</body></html>", "starts with '<!DOCTYPE html>"},
      {answers.dump().substr(0, 40), "at byte"},
  };
  for (const auto& example : cases) {
    const CommandResult result = check(example.text);
    EXPECT_EQ(result.exit_status, 3) << example.reason;
    EXPECT_THAT(result.err, HasSubstr(example.reason));
    EXPECT_THAT(result.out, Not(HasSubstr("evalai challenge"))) << example.reason;
  }
}

TEST_F(SubmitCheck, RefusesTestDevsQuestionFile) {
  Json document = read_json(questions);
  document["data_subtype"] = "test-dev2015";
  write_file_atomic(questions, document.dump());
  const CommandResult result = check(answers.dump());
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.err, HasSubstr("all of test2015"));
}

TEST_F(SubmitCheck, MisuseIsAUsageError) {
  EXPECT_EQ(submit({"--check", file.string()}).exit_status, 2);
  EXPECT_EQ(submit({}).exit_status, 2);
  EXPECT_EQ(submit({"--task", "nlvr2"}).exit_status, 2);
}

class SubmitRun : public ::testing::Test {
 protected:
  void SetUp() override {
    data.questions["data_subtype"] = "test2015";
    const fs::path file = data.root / "v2_OpenEnded_mscoco_test2015_questions.json";
    write_file_atomic(file, data.questions.dump());
    fs::create_directory(data.root / "test2015");
    for (const Json& question : data.questions["questions"]) {
      const auto id = question["image_id"].get<std::int64_t>();
      const auto name = [&](const char* split) { return fmt::format("{0}/COCO_{0}_{1:012}.jpg", split, id); };
      fs::copy_file(data.root / name("minitest"), data.root / name("test2015"),
                    fs::copy_options::overwrite_existing);
    }
  }

  CommandResult evaluate(const std::vector<std::string>& more = {}) const {
    return bteval::evaluate({.name = "vqav2", .out = run, .data = data.root, .split = "test", .more = more});
  }

  TempDir dir;
  MiniVqav2 data{dir.path() / "data", 9};
  fs::path run = dir.path() / "run";
};

TEST_F(SubmitRun, WritesTheSameFileAsTheEvaluationDid) {
  ASSERT_EQ(evaluate().exit_status, 0);
  const fs::path out = dir.path() / "upload.json";
  const CommandResult result = submit({run.string(), "--out", out.string()});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(text_of(out), text_of(run / "submission.json"));
  EXPECT_THAT(result.out, HasSubstr("--file " + out.string()));
}

TEST_F(SubmitRun, RefusesPartsAndOtherQuestions) {
  EXPECT_EQ(submit({run.string()}).exit_status, 3) << "no run there yet";
  ASSERT_EQ(evaluate({"--limit", "5"}).exit_status, 0);
  const CommandResult part = submit({run.string()});
  EXPECT_EQ(part.exit_status, 3);
  EXPECT_THAT(part.err, HasSubstr("5 of 9 questions"));

  ASSERT_EQ(evaluate({"--force"}).exit_status, 0);
  const CommandResult other =
      submit({run.string(), "--questions",
              (mini_suite() / "vqav2/v2_OpenEnded_mscoco_minitest_questions.json").string()});
  EXPECT_EQ(other.exit_status, 3);
  EXPECT_THAT(other.err, HasSubstr("is not the file that the run has read"));
}

TEST_F(SubmitRun, ReadsTheServersReplyIntoTheMetrics) {
  ASSERT_EQ(evaluate().exit_status, 0);
  const fs::path reply = dir.path() / "reply.json";
  write_file_atomic(reply, R"([{"test-dev": {"yes/no": 90, "number": 60, "other": 70, "overall": 77.2}},
                               {"test-standard": {"yes/no": 90, "number": 60, "other": 70, "overall": 77.2}}])");
  const CommandResult result = submit({run.string(), "--reply", reply.string()});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("test-dev: overall 77.20"));
  EXPECT_EQ(result.err, "");
  const Json metrics = read_json(run / "metrics.json");
  EXPECT_EQ(metrics.at("server").at(1).at("phase"), "test-standard");
  EXPECT_EQ(metrics.at("server").at(1).at("overall"), 77.2);
  EXPECT_TRUE(metrics.at("score").is_null()) << "the run's own part stays";
  EXPECT_EQ(text_of(run / "server_reply.json"), text_of(reply));

  write_file_atomic(reply,
                    R"([{"test-standard": {"yes/no": 90, "number": 60, "other": 70, "overall": 79}}])");
  EXPECT_THAT(submit({run.string(), "--reply", reply.string()}).err, HasSubstr("does not follow from"));
  EXPECT_EQ(read_json(run / "metrics.json").at("server").size(), 1u) << "a second reply replaces the first";

  write_file_atomic(reply, "{}");
  EXPECT_EQ(submit({run.string(), "--reply", reply.string()}).exit_status, 3);
}

CommandResult evaluate_mini(const std::string& name, const fs::path& out) {
  return evaluate({.name = name, .out = out, .more = {"--threads", "1"}});
}

TEST(SubmitOtherTasks, WritesWhatTheEvaluationWroteAndTheCheckAccepts) {
  const struct {
    const char *name, *task, *file, *annotations;
  } cases[] = {{"nlvr2", "nlvr2", "submission.csv", "nlvr2/data/dev.json"},
               {"snli-ve", "snli-ve", "submission.jsonl", "snli_ve/snli_ve_test.jsonl"}};
  for (const auto& example : cases) {
    const TempDir dir;
    const fs::path run = dir.path() / "run", out = dir.path() / "upload";
    ASSERT_EQ(evaluate_mini(example.name, run).exit_status, 0) << example.name;
    const CommandResult written = submit({run.string(), "--out", out.string()});
    ASSERT_EQ(written.exit_status, 0) << written.err;
    EXPECT_EQ(text_of(out), text_of(run / example.file)) << example.name;

    const std::string annotations = (mini_suite() / example.annotations).string();
    const auto check = [&](const std::string& text) {
      write_file_atomic(out, text);
      return submit({"--check", out.string(), "--task", example.task, "--questions", annotations});
    };
    const std::string good = text_of(run / example.file);
    EXPECT_EQ(check(good).exit_status, 0) << example.name;
    const std::string without_first = good.substr(good.find('\n') + 1);
    const CommandResult missing = check(without_first);
    EXPECT_EQ(missing.exit_status, 3) << example.name;
    EXPECT_THAT(missing.err, HasSubstr("1 of ")) << example.name;
    const CommandResult twice = check(good + good.substr(0, good.find('\n') + 1));
    EXPECT_EQ(twice.exit_status, 3) << example.name;
  }
}

TEST(SubmitOtherTasks, ExportsRetrievalToTrec) {
  const TempDir dir;
  const fs::path run = dir.path() / "run";
  ASSERT_EQ(evaluate_mini("flickr30k", run).exit_status, 0);
  const CommandResult result = submit({run.string(), "--out", (dir.path() / "out").string()});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  std::size_t written = 0;
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    if (!entry.path().filename().string().starts_with("out")) continue;
    ++written;
    EXPECT_THAT(result.out, HasSubstr(entry.path().string()));
    EXPECT_GT(fs::file_size(entry.path()), 100u) << entry.path();
  }
  EXPECT_EQ(written, 4u) << "runs and relevance files of both directions";
}

}  // namespace
}  // namespace bteval
