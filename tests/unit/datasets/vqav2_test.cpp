#include "datasets/vqav2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.h"
#include "datasets/image_check.h"
#include "datasets/vqav2_layout.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::VqaFiles;

class Vqav2Test : public ::testing::Test {
 protected:
  Vqav2Options options(const std::string& split = "val") const {
    Vqav2Options options;
    options.root = root();
    options.split = split;
    return options;
  }
  const fs::path& root() const { return dir_.path(); }
  std::string open_error(const std::string& split = "val") const {
    return error_of([&] { open_vqav2(options(split)); });
  }

  testing::TempDir dir_;
  VqaFiles files_;
};

TEST_F(Vqav2Test, GivesSamplesInFileOrderWithEachImageOnce) {
  files_.write(root(), root());
  std::swap(files_.annotations["annotations"][0], files_.annotations["annotations"][2]);
  files_.write(root(), root());
  const Vqav2 data = open_vqav2(options());
  ASSERT_EQ(data.samples.samples.size(), 3U);
  ASSERT_EQ(data.samples.images.size(), 2U);
  EXPECT_EQ(data.samples.samples[1].id, "71");
  EXPECT_EQ(data.samples.samples[1].text, "How many?");
  EXPECT_EQ(data.samples.samples[1].images, std::vector<std::uint32_t>{0});
  EXPECT_EQ(data.samples.samples[2].images, std::vector<std::uint32_t>{1});
  EXPECT_EQ(data.samples.images[1].id, "9");
  EXPECT_EQ(data.samples.images[1].path, (root() / "val2014/COCO_val2014_000000000009.jpg").string());
  EXPECT_EQ(data.sheet.question_ids, (std::vector<std::int64_t>{70, 71, 90}));
  EXPECT_EQ(data.sheet.annotation_of_question, (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_EQ(data.data_subtype, "val2014");
  ASSERT_EQ(data.files.size(), 2U);
  EXPECT_EQ(data.files[0].role, "questions");
  EXPECT_EQ(data.files[1].role, "annotations");
  EXPECT_EQ(data.files[1].sha256, sha256_file(data.files[1].path));
  EXPECT_EQ(data.files[1].bytes, fs::file_size(data.files[1].path));
}

TEST_F(Vqav2Test, SearchesTheUsualFolders) {
  for (const char* json : {".", "vqav2", "annotations", "vqav2/annotations"}) {
    for (const char* images : {".", "images", "vqav2", "vqav2/images", "coco", "mscoco"}) {
      const testing::TempDir dir;
      files_.write(dir.path() / json, dir.path() / images);
      Vqav2Options options;
      options.root = dir.path();
      const Vqav2 data = open_vqav2(options);
      EXPECT_TRUE(missing_images(data.samples).empty()) << json << " " << images;
      EXPECT_TRUE(data.sheet.annotations.has_value());
    }
  }
}

TEST_F(Vqav2Test, TakesExplicitPaths) {
  files_.write(root() / "a", root() / "b");
  Vqav2Options options;
  options.questions = root() / "a/v2_OpenEnded_mscoco_val2014_questions.json";
  options.images = root() / "b";
  EXPECT_FALSE(open_vqav2(options).sheet.annotations.has_value());
  options.annotations = root() / "a/v2_mscoco_val2014_annotations.json";
  options.images = root() / "b/val2014";
  const Vqav2 data = open_vqav2(options);
  EXPECT_TRUE(data.sheet.annotations.has_value());
  EXPECT_TRUE(missing_images(data.samples).empty());
  options.images = root() / "nowhere";
  EXPECT_THAT(error_of([&] { open_vqav2(options); }), HasSubstr("nowhere: the image folder does not exist"));
}

TEST_F(Vqav2Test, TestSplitsHaveNoAnnotationsAndTestDevSharesImages) {
  files_.questions["data_subtype"] = "test-dev2015";
  fs::create_directories(root() / "test2015");
  std::ofstream(root() / "v2_OpenEnded_mscoco_test-dev2015_questions.json") << files_.questions;
  const Vqav2 data = open_vqav2(options("test-dev"));
  EXPECT_FALSE(data.sheet.annotations.has_value());
  EXPECT_TRUE(data.sheet.annotation_of_question.empty());
  EXPECT_EQ(data.samples.images[0].path, (root() / "test2015/COCO_test2015_000000000007.jpg").string());
}

TEST_F(Vqav2Test, OtherSplitsGoByTheirFileName) {
  std::ofstream(root() / "v2_OpenEnded_mscoco_mine_questions.json") << files_.questions;
  fs::create_directories(root() / "val2014");
  EXPECT_FALSE(open_vqav2(options("mine")).sheet.annotations.has_value());
  std::ofstream(root() / "v2_mscoco_mine_annotations.json") << files_.annotations;
  EXPECT_TRUE(open_vqav2(options("mine")).sheet.annotations.has_value());
  for (const char* unknown : {"yours", "../mine", ""}) {
    EXPECT_THAT(open_error(unknown), StartsWith("usage: " + root().string() + ": has no split")) << unknown;
    EXPECT_THAT(open_error(unknown), HasSubstr("the splits found are: mine;")) << unknown;
  }
}

TEST_F(Vqav2Test, MissingFilesAreErrorsThatSayWhereWasLooked) {
  EXPECT_THAT(open_error(), HasSubstr("has no v2_OpenEnded_mscoco_val2014_questions.json; looked in " +
                                      root().string() + ", " + (root() / "vqav2").string()));
  EXPECT_THAT(open_error(), StartsWith("data: "));
  files_.write(root(), root());
  fs::remove(root() / "v2_mscoco_val2014_annotations.json");
  EXPECT_THAT(open_error(), HasSubstr("has no v2_mscoco_val2014_annotations.json; looked in "));
  files_.write(root(), root());
  fs::remove_all(root() / "val2014");
  EXPECT_THAT(open_error(), HasSubstr("has no image folder val2014/; looked in "));
  Vqav2Options nowhere;
  nowhere.root = root() / "nowhere";
  EXPECT_THAT(error_of([&] { open_vqav2(nowhere); }), HasSubstr("the data folder does not exist"));
}

TEST_F(Vqav2Test, ContradictingFilesAreRefused) {
  const auto expect = [&](const std::string& message) {
    files_.write(root(), root());
    EXPECT_THAT(open_error(), HasSubstr(message));
    EXPECT_THAT(open_error(), StartsWith("data: " + root().string()));
    files_ = VqaFiles();
  };
  files_.questions["questions"].push_back(files_.questions["questions"][0]);
  expect("v2_OpenEnded_mscoco_val2014_questions.json: question_id 70: stands twice: record 0 and record 3");
  files_.annotations["annotations"].push_back(files_.annotations["annotations"][1]);
  expect("v2_mscoco_val2014_annotations.json: question_id 71: stands twice: record 1 and record 3");
  files_.annotations["annotations"].erase(2);
  expect("question_id 90: has no annotation for 1 of the 3 questions in ");
  files_.questions["questions"].erase(0);
  expect("question_id 70: has 1 annotations without a question in ");
  files_.annotations["annotations"][0]["image_id"] = 8;
  expect("question_id 70: is about image 8, but in ");
  files_.questions["questions"] = OrderedJson::array();
  expect("has no questions");
}

TEST_F(Vqav2Test, ImageFoldersAreNeverLeft) {
  for (const char* subtype : {"../x", "a/b", "", ".", "..", ".hidden", "a b"}) {
    files_.questions["data_subtype"] = subtype;
    files_.write(root(), root());
    EXPECT_THAT(open_error(), HasSubstr("must be a plain name")) << subtype;
  }
}

TEST_F(Vqav2Test, PngImagesAreFound) {
  files_.write(root(), root(), ".png");
  const Vqav2 data = open_vqav2(options());
  EXPECT_TRUE(missing_images(data.samples).empty());
  EXPECT_TRUE(data.samples.images[1].path.ends_with("COCO_val2014_000000000009.png"));
}

TEST_F(Vqav2Test, AllMissingImagesAreCountedAndFiveNamed) {
  files_.write(root(), root());
  for (int i = 0; i < 6; ++i) files_.add(100 + i, 100 + i, "Why?", "other", "why", "because");
  std::ofstream(root() / "v2_OpenEnded_mscoco_val2014_questions.json") << files_.questions;
  std::ofstream(root() / "v2_mscoco_val2014_annotations.json") << files_.annotations;
  const Vqav2 data = open_vqav2(options());
  EXPECT_EQ(missing_images(data.samples).size(), 6U);
  const std::string error = error_of([&] { require_images(data.samples); });
  EXPECT_THAT(error, StartsWith("data: 6 of 8 images are missing: "));
  EXPECT_THAT(error, HasSubstr("COCO_val2014_000000000104.jpg, …"));
}

TEST_F(Vqav2Test, ScoringNeedsNoImages) {
  files_.write(root(), root());
  fs::remove_all(root() / "val2014");
  const Vqav2 data = open_vqav2_files(root() / "v2_OpenEnded_mscoco_val2014_questions.json",
                                      root() / "v2_mscoco_val2014_annotations.json");
  EXPECT_EQ(data.sheet.question_ids.size(), 3U);
  EXPECT_EQ(data.split, "val2014");
}

}  // namespace
}  // namespace bteval::datasets
