// The parts that an evaluation is made of, without a model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/bytes.h"
#include "core/file.h"
#include "engine/plan.h"
#include "reports/manifest.h"
#include "support/test_paths.h"
#include "tasks/classifier_outcomes.h"
#include "tasks/model_files.h"
#include "tasks/run_directory.h"
#include "tasks/score_retrieval.h"
#include "tasks/suite.h"
#include "tasks/unit_outcomes.h"

namespace bteval::app {
namespace {

using ::testing::AllOf;
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
  outcomes.add(outcomes_of({1, {2}, 2, {0.0F, 1.0F}, {}, 1}, set));
  outcomes.add(outcomes_of({0, {0}, 2, {5.0F, 1.0F}, {{1, "img", "broken"}}, 0}, set));
  EXPECT_EQ(outcomes.outcomes()[0].label, 0);
  EXPECT_EQ(outcomes.outcomes()[1].refused, "broken");
  EXPECT_EQ(outcomes.outcomes()[2].label, 1);
  EXPECT_EQ(outcomes.num_truncated(), 1U);
  EXPECT_EQ(outcomes.refused_json().dump(), R"([{"id":"b","image_id":"img","reason":"broken"}])");
  EXPECT_THAT(message_of(
                  [&] {
                    outcomes.add(outcomes_of({2, {0}, 2, {0.0F, 1.0F}, {}, 0}, set));
                  },
                  ErrorCode::kInternal),
              HasSubstr("computed twice"));
}

class UnitOutcomesTest : public ::testing::Test {
 protected:
  UnitOutcomesTest() {
    for (const char* id : {"a", "b", "c"}) set.samples.push_back({id, "text", {0}});
    set.images.push_back({"img", "img.jpg"});
  }
  engine::PairPlan plan() const { return {set, {4, 64, 0}}; }
  UnitOutcomes unpack(std::string_view bytes) const { return unpack_outcomes(bytes, set, plan(), 2); }

  records::SampleSet set;
  engine::UnitOutput output{0, {0, 2}, 2, {1.5F, 1.25F, -0.0F, 3.0F}, {{1, "img", "broken"}}, 1, {{0, 77}},
                            2, 1,      3};
};

TEST_F(UnitOutcomesTest, AreTheSameWhenUnpacked) {
  const UnitOutcomes before = outcomes_of(output, set);
  const UnitOutcomes after = unpack(pack(before));
  EXPECT_EQ(pack(after), pack(before));
  EXPECT_EQ(after.pairs, 2U);
  EXPECT_EQ(after.image_passes, 1U);
  EXPECT_EQ(after.text_passes, 3U);
  EXPECT_EQ(after.truncated_texts, 1U);
  ASSERT_EQ(after.outcomes.size(), 2U);
  EXPECT_EQ(after.outcomes[1].first, 2U);
  EXPECT_EQ(after.outcomes[1].second.label, 1);
  EXPECT_EQ(after.outcomes[0].second.margin, 0.25F);
  EXPECT_EQ(after.outcomes[0].second.probability, before.outcomes[0].second.probability);
  EXPECT_EQ(after.refused.at(0).reason, "broken");
  EXPECT_EQ(after.image_digests.at(0).digest, 77U);
}

TEST_F(UnitOutcomesTest, AreRefusedWhereTheyAreNotThisRuns) {
  const auto refused = [&](const engine::UnitOutput& other) {
    return message_of([&] { unpack(pack(outcomes_of(other, set))); }, ErrorCode::kData);
  };
  engine::UnitOutput other = output;
  other.unit = 1;
  EXPECT_THAT(refused(other), HasSubstr("a work unit that this run does not have"));
  other = output;
  other.width = 4;
  other.logits = {0, 0, 0, 1, 1, 0, 0, 0};
  EXPECT_THAT(refused(other), HasSubstr("a class that"));
  other = output;
  other.refused.clear();
  EXPECT_THAT(refused(other), HasSubstr("other samples"));
  other = output;
  other.refused[0].sample = 2;
  EXPECT_THAT(refused(other), HasSubstr("other samples"));
  other = output;
  other.image_digests[0].image = 1;
  EXPECT_THAT(refused(other), HasSubstr("a picture that"));
  const std::string whole = pack(outcomes_of(output, set));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(unpack(std::string_view(whole).substr(0, size)), Error) << size;
}

records::RunManifest manifest_with(int batch_size) {
  records::RunManifest manifest;
  manifest.task = "vqav2";
  manifest.options = {{"batch_size", batch_size}};
  return manifest;
}

TEST(RunDirectory, LetsTheSameRunBeDoneAgainAndNoOther) {
  const TempDir dir;
  const auto path = dir.path() / "run";
  const auto one = manifest_with(1), two = manifest_with(2);
  RunDirectory(path, one, false)
      .write_json("manifest.json", OrderedJson{{"identity", reports::manifest_identity(one)}});
  RunDirectory(path, one, false).write_json("metrics.json", OrderedJson{{"x", 1}});
  EXPECT_EQ(Bytes::map_file(path / "metrics.json")->text(), "{\n \"x\": 1\n}\n");
  EXPECT_THAT(message_of([&] { RunDirectory(path, two, false); }, ErrorCode::kUsage),
              HasSubstr("other inputs"));
  EXPECT_TRUE(std::filesystem::exists(path / "manifest.json"));
  RunDirectory(path, two, true);
  EXPECT_FALSE(std::filesystem::exists(path / "manifest.json"));
}

TEST(RunDirectory, GoesOnWithAnUnfinishedRunOfTheSameOptionsOnly) {
  const TempDir dir;
  const auto path = dir.path() / "run";
  auto one = manifest_with(1);
  {
    RunDirectory directory(path, one, false);
    EXPECT_FALSE(directory.begin(one));
    directory.journal().append("record");
  }
  write_file_atomic(path / "metrics.json.tmp123", "half");
  {
    RunDirectory directory(path, one, false);
    EXPECT_FALSE(std::filesystem::exists(path / "metrics.json.tmp123"));
    EXPECT_TRUE(directory.begin(one));
  }
  EXPECT_THAT(message_of([&] { RunDirectory(path, manifest_with(2), false); }, ErrorCode::kUsage),
              AllOf(HasSubstr("unfinished run"), HasSubstr("options/batch_size was 1, now it is 2")));
  auto elsewhere = one;
  elsewhere.environment = {{"processor", "another"}};
  EXPECT_THAT(message_of([&] { RunDirectory(path, elsewhere, false).begin(elsewhere); }, ErrorCode::kUsage),
              HasSubstr("environment/processor was nothing, now it is \"another\""));
  std::size_t records = 0;
  RunDirectory directory(path, elsewhere, true);
  EXPECT_FALSE(directory.begin(elsewhere));
  directory.journal().replay([&](std::string_view) { ++records; });
  EXPECT_EQ(records, 0U);
}

TEST(RunDirectory, IsWrittenByOneProcess) {
  const TempDir dir;
  const auto one = manifest_with(1);
  const RunDirectory directory(dir.path() / "run", one, false);
  EXPECT_THAT(message_of([&] { RunDirectory(dir.path() / "run", one, true); }, ErrorCode::kUsage),
              HasSubstr("another process is writing this run"));
}

TEST(RunDirectory, LeavesNoEmptyFolderBehind) {
  const TempDir dir;
  const auto path = dir.path() / "runs/run";
  { const RunDirectory directory(path, manifest_with(1), false); }
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "runs"));
  std::filesystem::create_directories(path);
  { const RunDirectory directory(path, manifest_with(1), false); }
  EXPECT_TRUE(std::filesystem::exists(path)) << "that was there before";
  { RunDirectory(path, manifest_with(1), false).begin(manifest_with(1)); }
  EXPECT_TRUE(std::filesystem::exists(path / "journal")) << "with which the run goes on";
}

TEST(RunDirectory, RefusesAFolderThatIsNoRun) {
  const TempDir dir;
  write_file_atomic(dir.path() / "thesis.tex", "x");
  EXPECT_THAT(message_of([&] { RunDirectory(dir.path(), manifest_with(1), false); }, ErrorCode::kUsage),
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
  for (const char* name : {"../x", "/x", "a/b", "..", ""}) {
    const Json entry = {{"task", "vqav2"}, {"name", name}, {"data", "d"}, {"split", "s"}, {"model", "m"}};
    write_file_atomic(suite, Json({{"entries", Json::array({entry})}}).dump());
    EXPECT_THAT(message_of([&] { suite_entries(suite, {}); }, ErrorCode::kData),
                HasSubstr("is no name for a run"))
        << name;
  }
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

TEST_F(ChooseTransform, SizesBeyondTheLimitAreRefused) {
  checkpoint.hyper_parameters = Json::parse(R"({"config": {"image_size": 8192}})");
  EXPECT_EQ(choose().size_px, 8192);
  for (const char* size : {"8208", "0", "-16", "2.5", "1e30"}) {
    checkpoint.hyper_parameters = Json::parse(std::string(R"({"config": {"image_size": )") + size + "}}");
    EXPECT_THAT(
        message_of([&] { choose(); }, ErrorCode::kCheckpoint),
        AllOf(HasSubstr("hyper_parameters: image_size is "), HasSubstr("no whole number from 1 to 8192")));
  }
  config.family = model::Family::kHuggingFace;
  write_file_atomic(dir.path() / "preprocessor_config.json", R"({"size": {"shortest_edge": 8208}})");
  EXPECT_THAT(
      message_of([&] { choose(); }, ErrorCode::kUsage),
      HasSubstr("the image size 8208 (from preprocessor_config.json) is more than the limit of 8192"));
}

TEST(ChooseMaxLength, IsTheCheckpointsWithinReason) {
  const EvalOptions options;
  checkpoint::Checkpoint checkpoint;
  EXPECT_EQ(choose_max_length(options, checkpoint, 50).value, 50);
  const auto with = [&](const std::string& length) -> const checkpoint::Checkpoint& {
    checkpoint.hyper_parameters = Json::parse(R"({"config": {"max_text_len": )" + length + "}}");
    return checkpoint;
  };
  EXPECT_EQ(choose_max_length(options, with("40"), 50).value, 40);
  EXPECT_EQ(choose_max_length(options, with("1048576"), 50).value, 1048576);
  for (const char* length : {"1048577", "0", "-1", "40.5", "18446744073709551615", "1e300"}) {
    EXPECT_THAT(message_of([&] { choose_max_length(options, with(length), 50); }, ErrorCode::kCheckpoint),
                AllOf(HasSubstr("hyper_parameters: max_text_len is "),
                      HasSubstr("no whole number from 1 to 1048576")))
        << length;
  }
}

TEST(FoldOf, ReadsThreeNumbersAndNothingElse) {
  const metrics::FoldOptions fold = fold_of("5x1000x4");
  EXPECT_EQ(fold.folds, 5);
  EXPECT_EQ(fold.fold_images, 1000);
  EXPECT_EQ(fold.captions_per_image, 4);
  EXPECT_EQ(fold_of("1x1x4294967295").captions_per_image, 4294967295);
  for (const char* text : {"", "5", "5x1000", "5x1000x", "5x1000x5x", "5x1000x5 ", " 5x1000x5", "5x-1000x5",
                           "+5x1000x5", "0x1000x5", "5x0x5", "5x1000x0", "4294967296x1x1",
                           "5x1000x99999999999999999999", "5X1000X5", "5x1e3x5", "axbxc"}) {
    EXPECT_THAT(
        message_of([&] { fold_of(text); }, ErrorCode::kData),
        HasSubstr(std::string("\"fold\" is not three whole numbers as in 5x1000x5, but \"") + text + "\""));
  }
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
