// `bteval eval nlvr2` and `bteval eval snli-ve` on the mini suite's data and checkpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "support/mini_vqav2.h"
#include "support/test_paths.h"
#include "tasks/eval.h"
#include "tasks/label_map.h"
#include "tasks/score_nlvr2.h"
#include "tasks/score_snli_ve.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::mini_suite;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Json> lines_of(const fs::path& path) {
  std::vector<Json> out;
  std::istringstream text(text_of(path));
  for (std::string line; std::getline(text, line);) out.push_back(Json::parse(line));
  return out;
}

class EvalMiniTask : public ::testing::Test {
 protected:
  EvalMiniTask(const char* task, const char* folder, const char* split) {
    options.task = task;
    options.split = split;
    options.data = dir.path() / "data";
    options.model = dir.path() / "model";
    options.out = dir.path() / "run";
    options.transform = "square";
    options.max_length = 24;
    options.quiet = true;
    options.engine.device = "cpu";
    options.engine.threads = 1;
    fs::copy(mini_suite() / folder, options.data, fs::copy_options::recursive);
    fs::copy(mini_suite() / "checkpoints" / folder, options.model, fs::copy_options::recursive);
    const Json config = read_json(options.model / "config.json");
    options.image_size_px = config.at("vision_config").at("image_size").get<int>();
  }

  void name_labels(const Json& id2label) const {
    Json config = read_json(options.model / "config.json");
    config["id2label"] = id2label;
    write_file_atomic(options.model / "config.json", config.dump());
  }
  /// The checkpoint error of an evaluation.
  std::string checkpoint_error() const {
    try {
      evaluate(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCheckpoint) << error.what();
      return error.what();
    }
    return "";
  }
  /// Evaluates and gives what stands in the manifest.
  Json manifest() {
    result = evaluate(options);
    return read_json(options.out / "manifest.json");
  }
  fs::path run_file(const char* name) const { return options.out / name; }

  testing::TempDir dir;
  EvalOptions options;
  std::optional<EvalResult> result;
};

class EvalMiniNlvr2 : public EvalMiniTask {
 protected:
  EvalMiniNlvr2() : EvalMiniTask("nlvr2", "nlvr2", "dev") {}

  fs::path annotations() const { return options.data / "data/dev.json"; }
  ScoreResult score(const char* predictions) const {
    ScoreNlvr2Options score;
    score.annotations = annotations();
    score.balanced = options.data / "data/balanced/balanced_dev.json";
    score.unbalanced = options.data / "data/unbalanced/unbalanced_dev.json";
    score.predictions = run_file(predictions);
    return score_nlvr2(score);
  }
};

TEST_F(EvalMiniNlvr2, ScoresAsTheScoreCommandDoes) {
  const Json manifest = this->manifest();
  ASSERT_TRUE(result && result->score);
  const std::size_t examples = lines_of(annotations()).size();
  EXPECT_EQ(result->samples, examples);
  EXPECT_EQ(manifest.at("counts").at("pairs"), 2 * examples);
  EXPECT_EQ(manifest.at("counts").at("unlabelled"), 0);
  EXPECT_EQ(manifest.at("options").at("labels_from"), "task default");
  EXPECT_THAT(result->signature, HasSubstr("nlvr2|split:dev|scorer:official|n:"));
  const OrderedJson metrics = OrderedJson::parse(text_of(run_file("metrics.json")));
  for (const char* file : {"predictions.jsonl", "submission.csv"}) {
    EXPECT_EQ(to_json(score(file)).at("score"), metrics.at("score")) << file;
  }
  EXPECT_EQ(metrics.at("score").at("groups").at("accuracy of subsets").size(), 2U);
  EXPECT_THAT(text_of(run_file("report.md")), HasSubstr("NLVR2 accuracy, scorer `official`."));
}

TEST_F(EvalMiniNlvr2, AgainGivesTheSameBytes) {
  manifest();
  const std::string first = text_of(run_file("predictions.jsonl"));
  manifest();
  EXPECT_EQ(text_of(run_file("predictions.jsonl")), first);
}

TEST_F(EvalMiniNlvr2, LabelsMayStandInTheOtherOrder) {
  manifest();
  const std::vector<Json> before = lines_of(run_file("predictions.jsonl"));
  name_labels({{"0", "true"}, {"1", "false"}});
  options.out = dir.path() / "other";
  EXPECT_EQ(manifest().at("options").at("labels_from"), "config.json");
  EXPECT_THAT(result->signature, HasSubstr("|labels:True,False|"));
  const std::vector<Json> after = lines_of(run_file("predictions.jsonl"));
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].at("label"), before[i].at("label"));
    EXPECT_NE(after[i].at("prediction"), before[i].at("prediction"));
  }
}

TEST_F(EvalMiniNlvr2, LabelsThatAreNotTheTasksAreAnError) {
  for (const Json& names : {Json{{"0", "yes"}, {"1", "no"}},
                            Json{{"0", "True"}, {"1", "False"}, {"2", "maybe"}}, Json{{"0", "True"}}}) {
    name_labels(names);
    EXPECT_THAT(checkpoint_error(), HasSubstr("config.json: the label map has ")) << names;
    EXPECT_THAT(checkpoint_error(), HasSubstr("but the task's are False, True")) << names;
  }
  // A list that is given decides over the checkpoint's own.
  options.vocabulary = (dir.path() / "labels.json").string();
  write_file_atomic(options.vocabulary, R"(["False", "True"])");
  EXPECT_EQ(manifest().at("options").at("labels_from"), "option");
  // Placeholders name nothing.
  options.vocabulary.clear();
  options.out = dir.path() / "placeholders";
  name_labels({{"0", "LABEL_0"}, {"1", "LABEL_1"}});
  EXPECT_EQ(manifest().at("options").at("labels_from"), "task default");
}

TEST_F(EvalMiniNlvr2, HiddenLabelsGiveASubmissionAndNoScore) {
  std::string hidden;
  for (Json& record : lines_of(annotations())) {
    record.erase("label");
    hidden += record.dump() + "\n";
  }
  write_file_atomic(annotations(), hidden);
  EXPECT_EQ(manifest().at("counts").at("unlabelled"), result->samples);
  EXPECT_FALSE(result->score);
  EXPECT_EQ(read_json(run_file("metrics.json")).at("why_no_score"), "the split has no labels");
  EXPECT_EQ(lines_of(run_file("predictions.jsonl")).size(), result->samples);
  const std::string csv = text_of(run_file("submission.csv"));
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(csv.begin(), csv.end(), '\n')), result->samples);
}

TEST_F(EvalMiniNlvr2, ABadImageRefusesItsExamplesWhichCountAsWrong) {
  const std::string identifier = lines_of(annotations()).front().at("identifier").get<std::string>();
  const std::string image = identifier.substr(0, identifier.rfind('-')) + "-img1.png";
  write_file_atomic(options.data / "images/dev" / image, "no image");
  options.engine.on_bad_image = engine::OnBadImage::kWrong;
  const Json manifest = this->manifest();
  EXPECT_GT(result->refused, 0U);
  EXPECT_EQ(manifest.at("refused").at(0).at("id"), identifier);
  ASSERT_TRUE(result->score);
  EXPECT_EQ(static_cast<std::uint64_t>(result->score->overall.count), result->samples);
  const std::vector<Json> lines = lines_of(run_file("predictions.jsonl"));
  EXPECT_TRUE(lines.front().at("prediction").is_null());
  EXPECT_EQ(text_of(run_file("submission.csv")).find(identifier + ","), std::string::npos);
  std::int64_t right = 0;
  const std::vector<Json> records = lines_of(annotations());
  for (std::size_t i = 0; i < lines.size(); ++i)
    right += lines[i].at("prediction") == records[i].at("label") ? 1 : 0;
  EXPECT_EQ(result->score->overall.correct, right);
}

TEST_F(EvalMiniNlvr2, EitherBadImageExcludesAnExample) {
  const std::vector<Json> records = lines_of(annotations());
  // The left image of the first example is missing; the right one of the last example is damaged.
  const auto image = [&](const Json& record, const char* side) {
    const std::string identifier = record.at("identifier").get<std::string>();
    return options.data / "images/dev" / (identifier.substr(0, identifier.rfind('-')) + side);
  };
  fs::remove(image(records.front(), "-img0.png"));
  write_file_atomic(image(records.back(), "-img1.png"), "no image");
  options.engine.on_bad_image = engine::OnBadImage::kExclude;
  const Json manifest = this->manifest();
  const std::vector<Json> lines = lines_of(run_file("predictions.jsonl"));
  EXPECT_TRUE(lines.front().at("prediction").is_null());
  EXPECT_TRUE(lines.back().at("prediction").is_null());
  std::int64_t right = 0, left_out = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    left_out += lines[i].at("prediction").is_null() ? 1 : 0;
    right += lines[i].at("prediction") == records[i].at("label") ? 1 : 0;
  }
  ASSERT_TRUE(result->score);
  EXPECT_EQ(static_cast<std::uint64_t>(left_out), result->refused);
  EXPECT_EQ(result->score->overall.count, static_cast<std::int64_t>(lines.size()) - left_out);
  EXPECT_EQ(result->score->overall.correct, right);
  EXPECT_THAT(result->signature, HasSubstr("|excluded:" + std::to_string(left_out) + "|"));
  EXPECT_FALSE(fs::exists(run_file("submission.csv")));
}

TEST_F(EvalMiniNlvr2, APartHasAScoreButNoSubmission) {
  options.engine.plan.limit = 7;
  manifest();
  ASSERT_TRUE(result->score);
  EXPECT_EQ(result->score->overall.count, 7);
  EXPECT_FALSE(fs::exists(run_file("submission.csv")));
}

TEST_F(EvalMiniNlvr2, ThereIsOneScorer) {
  options.scorer = "pre-2021";
  try {
    evaluate(options);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STREQ(error.what(), "nlvr2 has no scorer \"pre-2021\": its only one is official");
  }
}

TEST_F(EvalMiniNlvr2, ACheckpointOfAnotherTaskIsAnError) {
  options.model = mini_suite() / "checkpoints/vqav2";
  options.image_size_px = 48;
  EXPECT_THAT(checkpoint_error(), HasSubstr("the checkpoint has no classifier for this task"));
}

class EvalMiniSnliVe : public EvalMiniTask {
 protected:
  EvalMiniSnliVe() : EvalMiniTask("snli-ve", "snli_ve", "test") {}
  fs::path annotations() const { return options.data / "snli_ve_test.jsonl"; }
};

TEST_F(EvalMiniSnliVe, ScoresAsTheScoreCommandDoes) {
  const Json manifest = this->manifest();
  ASSERT_TRUE(result && result->score);
  EXPECT_EQ(result->samples, lines_of(annotations()).size());
  EXPECT_EQ(manifest.at("counts").at("conflicting_pairs"), 0);
  EXPECT_TRUE(manifest.at("counts").contains("repeated_pairs"));
  EXPECT_THAT(result->signature, HasSubstr("snli-ve|split:test|scorer:standard|n:"));
  const OrderedJson metrics = OrderedJson::parse(text_of(run_file("metrics.json")));
  for (const char* file : {"predictions.jsonl", "submission.jsonl"}) {
    ScoreSnliVeOptions score;
    score.annotations = annotations();
    score.predictions = run_file(file);
    EXPECT_EQ(to_json(score_snli_ve(score)).at("score"), metrics.at("score")) << file;
  }
  EXPECT_THAT(text_of(run_file("report.md")), HasSubstr("gold / predicted"));
}

TEST_F(EvalMiniSnliVe, OddRowsAreNamedInTheManifest) {
  std::vector<Json> records = lines_of(annotations());
  records.resize(6);
  for (std::size_t i = 0; i < records.size(); ++i) records[i].erase("pairID");
  records[1] = records[0];
  records[1]["gold_label"] = records[0].at("gold_label") == "neutral" ? "entailment" : "neutral";
  records[2]["gold_label"] = "-";
  std::string text;
  for (const Json& record : records) text += record.dump() + "\n";
  write_file_atomic(annotations(), text);
  const Json manifest = this->manifest();
  EXPECT_EQ(manifest.at("counts").at("unlabelled"), 1);
  EXPECT_EQ(manifest.at("counts").at("conflicting_pairs"), 1);
  EXPECT_THAT(
      manifest.at("warnings").dump(),
      ::testing::AllOf(
          HasSubstr("1 pairs have no gold label and do not count"),
          HasSubstr("1 pairs of image and hypothesis stand more than once with different gold labels"),
          HasSubstr("samples are named by their place")));
  ASSERT_TRUE(result->score);
  EXPECT_EQ(result->score->overall.count, 5);
  EXPECT_EQ(lines_of(run_file("predictions.jsonl")).at(5).at("pairID"), "row-6");
}

TEST_F(EvalMiniSnliVe, ABadImageExcludesItsPairs) {
  manifest();
  const std::vector<Json> whole = lines_of(run_file("samples.jsonl"));
  const std::string bad = whole.front().at("images").at(0).get<std::string>();
  fs::remove(bad);
  options.engine.on_bad_image = engine::OnBadImage::kExclude;
  options.force = true;
  manifest();
  std::int64_t kept = 0, right = 0;
  for (const Json& sample : whole) {
    if (sample.at("images").at(0) == bad || !sample.contains("value")) continue;
    ++kept;
    right += sample.at("value") == 1 ? 1 : 0;
  }
  EXPECT_GT(result->refused, 0U);
  ASSERT_TRUE(result->score);
  EXPECT_EQ(result->score->overall.count, kept);
  EXPECT_EQ(result->score->overall.correct, right);
  EXPECT_EQ(result->signature.find("|wrong:"), std::string::npos);
  EXPECT_THAT(result->signature, HasSubstr("|excluded:" + std::to_string(result->refused) + "|"));
}

TEST_F(EvalMiniSnliVe, LabelsMayStandInAnotherOrder) {
  manifest();
  const std::vector<Json> before = lines_of(run_file("predictions.jsonl"));
  // The order of SNLI's own readers.
  const std::vector<std::string> names = {"entailment", "neutral", "contradiction"};
  name_labels({{"0", names[0]}, {"1", names[1]}, {"2", names[2]}});
  options.out = dir.path() / "other";
  manifest();
  const std::vector<Json> after = lines_of(run_file("predictions.jsonl"));
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].at("label"), before[i].at("label"));
    EXPECT_EQ(after[i].at("prediction"), names.at(after[i].at("label").get<std::size_t>()));
  }
  EXPECT_THAT(result->signature, HasSubstr("|labels:entailment,neutral,contradiction|"));
}

TEST(LabelMap, MustHaveAsManyLabelsAsTheHeadOutputs) {
  checkpoint::Checkpoint checkpoint;
  checkpoint.path = "model.ckpt";
  const std::string_view names[] = {"False", "True"};
  const LabelMap map = choose_label_map({}, checkpoint, names);
  EXPECT_TRUE(map.is_identity());
  check_label_map(map, 2, "NLVR2", checkpoint);
  try {
    check_label_map(map, 3, "NLVR2", checkpoint);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_STREQ(error.what(), "model.ckpt: the checkpoint's head has 3 outputs, but NLVR2 has 2 classes");
  }
}

}  // namespace
}  // namespace bteval::app
