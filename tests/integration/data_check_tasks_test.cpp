// What `bteval data check` finds in one task only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/data_trees.h"
#include "support/test_paths.h"
#include "tasks/data_check.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using datasets::DataCheck;
using datasets::Fault;
using datasets::Finding;
using ::testing::AllOf;
using testing::DataTree;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_data_tree;

DataCheck check(const std::string& task, const fs::path& root, std::vector<std::string> splits = {}) {
  datasets::DataCheckOptions options;
  options.task = task;
  options.root = root;
  options.splits = std::move(splits);
  return app::check_data(options);
}

std::vector<Finding> find(const DataTree& tree, Fault fault) {
  const DataCheck result = check(tree.task, tree.root, {tree.split});
  for (const auto& group : result.splits.at(0).groups) {
    if (group.fault == fault) return group.findings;
  }
  return {};
}

auto at(const std::string& where, const std::string& what) {
  return AllOf(Field(&Finding::where, HasSubstr(where)), Field(&Finding::what, HasSubstr(what)));
}

TEST(DataCheckVqav2, NamesWhatDoesNotFitTogether) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("vqav2", dir.path());
  tree.more_records[2]["image_id"] = 9;
  tree.more_records.erase(tree.more_records.begin() + 4);
  tree.more_records.push_back(tree.more_records.back());
  tree.more_records.back()["question_id"] = 777;
  tree.more_records.push_back(tree.more_records.front());
  tree.more_records[6]["answers"] = Json::array();
  tree.write();
  EXPECT_THAT(find(tree, Fault::kContradiction),
              ElementsAre(at("questions[2]: question_id 20", "is about image 2, but its annotation"),
                          at("questions[4]: question_id 40", "has no annotation"),
                          at("annotations[15]: question_id 777", "has no question")));
  EXPECT_THAT(find(tree, Fault::kRepeatedId),
              ElementsAre(at("annotations[16]: question_id 0", "annotations[0]")));
  EXPECT_THAT(find(tree, Fault::kBadRecord), ElementsAre(at("annotations[6]", "has no answers")));
}

TEST(DataCheckVqav2, ComparesOfficialSplitsWithTheirSizes) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("vqav2", dir.path());
  fs::rename(tree.annotations[0], dir.path() / "v2_OpenEnded_mscoco_val2014_questions.json");
  const DataCheck result = check("vqav2", dir.path());
  ASSERT_EQ(result.splits.size(), 1);
  EXPECT_EQ(result.splits[0].split, "val");
  ASSERT_EQ(result.splits[0].groups.size(), 1);  // an incomplete split is not counted
  EXPECT_EQ(result.splits[0].groups[0].fault, Fault::kMissingFile);
  EXPECT_THAT(result.splits[0].groups[0].findings[0].what, HasSubstr("v2_mscoco_val2014_annotations.json"));

  fs::rename(tree.annotations[1], dir.path() / "v2_mscoco_val2014_annotations.json");
  tree.split = "val";
  EXPECT_THAT(find(tree, Fault::kWrongCount), ElementsAre(at("val questions", "16, officially 214354"),
                                                          at("val images", "16, officially 40504")));
}

TEST(DataCheckVqav2, RefusesUnknownTasksSplitsAndEmptyRoots) {
  const testing::TempDir dir;
  EXPECT_THROW(check("vqa", dir.path()), Error);
  EXPECT_THROW(check("vqav2", dir.path()), Error);
  EXPECT_THROW(check("vqav2", dir.path() / "nowhere"), Error);
  const DataTree tree = make_data_tree("vqav2", dir.path());
  EXPECT_THROW(check("vqav2", dir.path(), {"other"}), Error);
}

TEST(DataCheckNlvr2, NamesConflictsAndSubsetsThatDoNotFit) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("nlvr2", dir.path());
  Json conflict = tree.records[1];
  conflict["identifier"] = "dev-1-0-1";
  conflict["label"] = "True";
  tree.records.push_back(conflict);
  tree.write();
  Json stranger = tree.records[2];
  stranger["identifier"] = "dev-99-0-0";
  Json other_label = tree.records[3];
  other_label["label"] = "True";
  testing::write_text(tree.root / "nlvr2/data/balanced/balanced_tiny.json",
                      stranger.dump() + "\n" + other_label.dump() + "\n" + tree.records[4].dump() + "\n");
  EXPECT_THAT(find(tree, Fault::kConflictingLabels),
              ElementsAre(at("dev-1-0-1", "is \"True\", but id dev-1-0-0")));
  EXPECT_THAT(find(tree, Fault::kContradiction),
              ElementsAre(at("line 1: identifier dev-99-0-0", "not in the split tiny"),
                          at("line 2: identifier dev-3-0-0", "another label")));
}

TEST(DataCheckNlvr2, RefusesIdentifiersThatLeaveTheFolder) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("nlvr2", dir.path());
  tree.records[2]["identifier"] = "../../etc-0-0-0";
  tree.write();
  EXPECT_THAT(find(tree, Fault::kBadRecord), ElementsAre(at("line 3", "has not the form")));
}

TEST(DataCheckSnliVe, CountsRepeatedPairsAndConflicts) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("snli-ve", dir.path());
  Json again = tree.records[0];
  again["pairID"] = "again";
  Json conflict = tree.records[1];
  conflict["pairID"] = "conflict";
  conflict["gold_label"] = "contradiction";
  Json hidden = tree.records[2];
  hidden["pairID"] = "hidden";
  hidden["gold_label"] = "-";
  tree.records.insert(tree.records.end(), {again, conflict, hidden});
  tree.records[5]["gold_label"] = "maybe";
  tree.write();
  EXPECT_THAT(find(tree, Fault::kRepeatedText), ElementsAre(at("id again", "1000.jpg#0r1e")));
  EXPECT_THAT(find(tree, Fault::kConflictingLabels),
              ElementsAre(at("id conflict", "is \"contradiction\", but id 1001.jpg#0r1e")));
  EXPECT_THAT(find(tree, Fault::kBadRecord), ElementsAre(at("line 6: at byte", "maybe")));
}

TEST(DataCheckRetrieval, ReadsEverySplitOfKarpathysFile) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("flickr30k", dir.path());
  for (std::size_t i = 0; i < 4; ++i) tree.records[i]["split"] = "test";
  tree.records[5]["filename"] = "../1005.jpg";
  tree.write();
  const DataCheck result = check("flickr30k", dir.path());
  ASSERT_EQ(result.splits.size(), 2);
  EXPECT_EQ(result.splits[0].split, "test");
  EXPECT_EQ(result.splits[0].groups.at(0).fault, Fault::kWrongCount);
  EXPECT_EQ(result.splits[0].groups.size(), 1);
  EXPECT_EQ(result.splits[1].counts.at(1).found, 55);
  EXPECT_THAT(find(tree, Fault::kBadRecord), ElementsAre(at("images[5]", "leaves the image folder")));
}

TEST(DataCheckRetrieval, ReadsCocosOwnForm) {
  const testing::TempDir dir;
  DataTree tree = make_data_tree("coco", dir.path());
  Json images = Json::array();
  Json captions = Json::array();
  for (int i = 0; i < 16; ++i) {
    images.push_back({{"id", i}, {"file_name", fmt::format("COCO_val2014_{:012}.jpg", i)}});
    captions.push_back({{"id", 100 + i}, {"image_id", i}, {"caption", fmt::format("Caption {}.", i)}});
  }
  captions[3]["image_id"] = "3";  // ids of others are strings
  captions[7]["image_id"] = 99;
  captions[9]["id"] = 100;
  fs::remove(tree.annotations[0]);
  testing::write_text(dir.path() / "annotations/captions_tiny.json",
                      Json{{"images", images}, {"annotations", captions}}.dump());
  EXPECT_THAT(find(tree, Fault::kBadRecord),
              ElementsAre(at("annotations[7]", "about image 99"), at("images[7]", "has no captions")));
  EXPECT_THAT(find(tree, Fault::kRepeatedId), ElementsAre(at("id 100", "stands already")));
}

TEST(DataCheckRealData, FindsLfsPointersNoticesAndWhatIsOddInPublishedFiles) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const testing::TempDir dir;
  fs::copy_file(data / "odd/lfs_pointer.dataset_coco.json", dir.path() / "dataset_coco.json");
  DataCheck result = check("coco", dir.path());
  ASSERT_EQ(result.splits.size(), 1);
  EXPECT_THAT(result.splits[0].groups.at(0).findings,
              ElementsAre(at("dataset_coco.json", "a Git LFS pointer")));

  fs::copy_file(data / "odd/plain_text_notice.captions_val2014.json", dir.path() / "captions_val2014.json");
  result = check("coco", dir.path(), {"val2014"});
  EXPECT_THAT(result.splits.at(0).groups.at(0).findings,
              ElementsAre(at("captions_val2014.json", "It is too large")));

  const DataCheck nlvr2 = check("nlvr2", data / "nlvr2");
  ASSERT_EQ(nlvr2.splits.size(), 3);
  for (const auto& split : nlvr2.splits) {
    EXPECT_EQ(split.counts.at(0).found, split.counts.at(0).official) << split.split;
    ASSERT_FALSE(split.groups.empty());
    EXPECT_EQ(split.groups[0].fault, Fault::kMissingImageFolder);
  }

  fs::copy_file(data / "snli_ve/snli_ve_test.from_esnlive.jsonl", dir.path() / "snli_ve_test.jsonl");
  const DataCheck snli_ve = check("snli-ve", dir.path());
  EXPECT_EQ(snli_ve.splits.at(0).counts.at(0).found, 14740);
  EXPECT_EQ(snli_ve.splits.at(0).groups.at(0).fault, Fault::kWrongCount);
}

TEST(DataCheckRealData, CountsTheWholeKarpathyTestSplits) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const testing::TempDir dir;
  fs::copy_file(data / "coco/dataset_coco.test5000.json", dir.path() / "dataset_coco.json");
  fs::copy_file(data / "flickr30k/dataset_flickr30k.val_test.json", dir.path() / "dataset_flickr30k.json");
  for (const char* task : {"coco", "flickr30k"}) {
    const DataCheck result = check(task, dir.path());
    ASSERT_FALSE(result.splits.empty());
    for (const auto& split : result.splits) {
      for (const auto& count : split.counts)
        EXPECT_EQ(count.found, count.official) << split.split << count.name;
      for (const auto& group : split.groups) EXPECT_NE(group.fault, Fault::kWrongCount);
    }
  }
}

}  // namespace
}  // namespace bteval
