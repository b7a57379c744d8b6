// The parts that an evaluation is made of, without a model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/bytes.h"
#include "core/file.h"
#include "support/test_paths.h"
#include "tasks/classifier_outcomes.h"
#include "tasks/model_files.h"
#include "tasks/run_directory.h"
#include "tasks/suite.h"

namespace bteval::app {
namespace {

using ::testing::HasSubstr;
using testing::TempDir;

template <typename Action>
std::string message_of(Action&& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(BestClass, TakesTheLowestIndexAmongEqualLogitsAndTheMarginToTheSecond) {
  const Outcome clear = best_class(std::vector<float>{0.5F, 3.0F, -1.0F, 2.5F}, "s");
  EXPECT_EQ(clear.label, 1);
  EXPECT_FLOAT_EQ(clear.logit, 3.0F);
  EXPECT_FLOAT_EQ(clear.margin, 0.5F);
  const Outcome tie = best_class(std::vector<float>{1.0F, 2.0F, 2.0F}, "s");
  EXPECT_EQ(tie.label, 1);
  EXPECT_FLOAT_EQ(tie.margin, 0.0F);
  const Outcome falling = best_class(std::vector<float>{-1.0F, -2.0F}, "s");
  EXPECT_EQ(falling.label, 0);
  EXPECT_FLOAT_EQ(falling.margin, 1.0F);
}

TEST(BestClass, RefusesNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message_of(
                  [&] {
                    best_class(std::vector<float>{1.0F, nan}, "17");
                  },
                  ErrorCode::kCheckpoint),
              HasSubstr("sample 17"));
}

TEST(ClassifierOutcomes, CollectsResultsAndRefusalsBySample) {
  records::SampleSet set;
  for (const char* id : {"a", "b", "c"}) set.samples.push_back({id, "text", {0}});
  ClassifierOutcomes outcomes(set);
  outcomes.add({1, {2}, 2, {0.0F, 1.0F}, {}, 1});
  outcomes.add({0, {0}, 2, {5.0F, 1.0F}, {{1, "img", "broken"}}, 0});
  EXPECT_EQ(outcomes.outcomes()[0].label, 0);
  EXPECT_EQ(outcomes.outcomes()[1].refused, "broken");
  EXPECT_EQ(outcomes.outcomes()[2].label, 1);
  EXPECT_EQ(outcomes.num_truncated(), 1U);
  EXPECT_EQ(outcomes.refused_json().dump(), R"([{"id":"b","image_id":"img","reason":"broken"}])");
  EXPECT_THAT(message_of(
                  [&] {
                    outcomes.add({2, {0}, 2, {0.0F, 1.0F}, {}, 0});
                  },
                  ErrorCode::kInternal),
              HasSubstr("computed twice"));
}

TEST(RunDirectory, LetsTheSameRunBeDoneAgainAndNoOther) {
  const TempDir dir;
  const auto path = dir.path() / "run";
  RunDirectory(path, "one", false).write_json("manifest.json", OrderedJson{{"identity", "one"}});
  RunDirectory(path, "one", false).write_json("metrics.json", OrderedJson{{"x", 1}});
  EXPECT_EQ(Bytes::map_file(path / "metrics.json")->text(), "{\n \"x\": 1\n}\n");
  EXPECT_THAT(message_of([&] { RunDirectory(path, "two", false); }, ErrorCode::kUsage),
              HasSubstr("other inputs"));
  RunDirectory(path, "two", true);
}

TEST(RunDirectory, RefusesAFolderThatIsNoRun) {
  const TempDir dir;
  write_file_atomic(dir.path() / "thesis.tex", "x");
  EXPECT_THAT(message_of([&] { RunDirectory(dir.path(), "one", false); }, ErrorCode::kUsage),
              HasSubstr("no run directory"));
}

TEST(Suite, ReadsEntriesRelativeToItsFolder) {
  const TempDir dir;
  write_file_atomic(
      dir.path() / "suite.json",
      R"({"entries": [{"task": "vqav2", "data": "d", "split": "s", "model": "m", "image_size": 64}]})");
  EvalOptions common;
  common.out = "runs";
  const auto entries = suite_entries(find_suite(dir.path().string()), common);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].data, dir.path() / "d");
  EXPECT_EQ(entries[0].model, dir.path() / "m");
  EXPECT_EQ(entries[0].out, std::filesystem::path("runs/vqav2"));
  EXPECT_EQ(entries[0].image_size_px, 64);
}

TEST(Suite, NamesTheEntryThatIsWrong) {
  const TempDir dir;
  const auto suite = dir.path() / "suite.json";
  write_file_atomic(suite, R"({"entries": [{"task": "vqav2", "data": "d", "model": "m"}]})");
  EXPECT_THAT(message_of([&] { suite_entries(suite, {}); }, ErrorCode::kData),
              HasSubstr("entry 0: has no \"split\""));
  write_file_atomic(suite, R"({"entries": []})");
  EXPECT_THAT(message_of([&] { suite_entries(suite, {}); }, ErrorCode::kData), HasSubstr("no entries"));
  EXPECT_THAT(message_of([&] { find_suite("no such suite"); }, ErrorCode::kUsage),
              HasSubstr("BTEVAL_ASSETS"));
}

class ChooseTransform : public ::testing::Test {
 protected:
  image::TransformOptions choose(int default_size = 576) {
    const auto chosen = choose_transform(options, checkpoint, config, default_size);
    source = chosen.source;
    return chosen.value;
  }
  TempDir dir;
  EvalOptions options;
  checkpoint::Checkpoint checkpoint;
  model::ModelConfig config;
  std::string source;
  void SetUp() override {
    options.model = dir.path();
    config.patch_size = 16;
    config.image_size = 288;
  }
};

TEST_F(ChooseTransform, OfficialCheckpointsSayTheirSize) {
  EXPECT_EQ(choose().size_px, 576);
  checkpoint.hyper_parameters = Json::parse(R"({"config": {"image_size": 384}})");
  EXPECT_EQ(choose().size_px, 384);
  EXPECT_EQ(choose().kind, image::Transform::kSquare);
  EXPECT_EQ(source, "family default (transform), hyper_parameters (image size)");
}

TEST_F(ChooseTransform, OfficialCheckpointsSayWhatTheyWereEvaluatedWith) {
  checkpoint.hyper_parameters =
      Json::parse(R"({"config": {"image_size": 384, "val_transform_keys": ["clip", "blip"],
                                 "train_transform_keys": ["blip_randaug"]}})");
  EXPECT_EQ(choose().kind, image::Transform::kCenterCrop);
  EXPECT_EQ(source, "hyper_parameters");
  checkpoint.hyper_parameters["config"]["val_transform_keys"] = {"blip"};
  EXPECT_EQ(choose().kind, image::Transform::kSquare);
  config.architecture = model::Architecture::kMeter;
  EXPECT_EQ(choose().kind, image::Transform::kSquare) << "the checkpoint knows better than its architecture";
  checkpoint.hyper_parameters["config"]["val_transform_keys"] = {"imagenet"};
  EXPECT_THAT(message_of([&] { choose(); }, ErrorCode::kUsage), HasSubstr("\"imagenet\""));
  options.transform = "square";
  EXPECT_EQ(choose().kind, image::Transform::kSquare);
  EXPECT_EQ(source, "option (transform), hyper_parameters (image size)");
}

TEST_F(ChooseTransform, MeterCropsTheCentreAtTheSizeOfItsPositionEmbedding) {
  config.architecture = model::Architecture::kMeter;
  EXPECT_EQ(choose(384).kind, image::Transform::kCenterCrop);
  EXPECT_EQ(choose(384).size_px, 288);
  EXPECT_EQ(source, "architecture default (transform), position embedding (image size)");
  checkpoint.hyper_parameters = Json::parse(R"({"config": {"image_size": 576}})");
  EXPECT_EQ(choose(384).size_px, 576);
  options.transform = "square";
  options.image_size_px = 224;
  EXPECT_EQ(choose(384).kind, image::Transform::kSquare);
  EXPECT_EQ(choose(384).size_px, 224);
  EXPECT_EQ(source, "option");
}

TEST_F(ChooseTransform, HuggingFaceDirectoriesSayTheirsInThePreprocessor) {
  config.family = model::Family::kHuggingFace;
  EXPECT_EQ(choose().size_px, 288);
  EXPECT_EQ(choose().kind, image::Transform::kHf);
  write_file_atomic(dir.path() / "preprocessor_config.json", R"({"size": {"shortest_edge": 320}})");
  EXPECT_EQ(choose().size_px, 320);
  EXPECT_EQ(source, "preprocessor_config.json");
}

TEST_F(ChooseTransform, OptionsDecideAndImpossibleSizesAreRefusedWithTheCure) {
  options.transform = "center_crop";
  options.image_size_px = 224;
  EXPECT_EQ(choose().kind, image::Transform::kCenterCrop);
  EXPECT_EQ(choose().size_px, 224);
  config.patch_size = 14;
  options.image_size_px = 576;
  EXPECT_THAT(message_of([&] { choose(); }, ErrorCode::kUsage), HasSubstr("--image-size 574 or 588"));
  options.transform = "stretch";
  EXPECT_THAT(message_of([&] { choose(); }, ErrorCode::kUsage), HasSubstr("no transform \"stretch\""));
}

TEST(ChooseTokenizer, SaysWhatIsMissing) {
  const TempDir dir;
  EvalOptions options;
  options.model = dir.path();
  EXPECT_THAT(message_of([&] { choose_tokenizer_folder(options); }, ErrorCode::kUsage),
              HasSubstr("--tokenizer"));
  write_file_atomic(dir.path() / "tokenizer.json", "{}");
  EXPECT_EQ(choose_tokenizer_folder(options).value, dir.path());
}

}  // namespace
}  // namespace bteval::app
