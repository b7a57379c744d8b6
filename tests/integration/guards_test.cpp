// What makes a score mean less than it seems to.
#include "tasks/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bteval::app {
namespace {

using ::testing::HasSubstr;

TEST(TrainingDataWarning, NamesSplitsThatPublishedCheckpointsWereTrainedOn) {
  for (const auto& [task, split] : {std::pair{"vqav2", "train2014"},
                                    {"vqav2", "val2014"},
                                    {"nlvr2", "train"},
                                    {"snli-ve", "train"},
                                    {"flickr30k", "train"},
                                    {"coco", "train"},
                                    {"coco", "train+restval"},
                                    {"coco", "restval"}}) {
    const auto warning = training_data_warning(task, split);
    ASSERT_TRUE(warning) << task << " " << split;
    EXPECT_THAT(*warning, HasSubstr(split));
  }
}

TEST(TrainingDataWarning, IsSilentOnHeldOutSplits) {
  for (const auto& [task, split] : {std::pair{"vqav2", "test2015"},
                                    {"vqav2", "minitest"},
                                    {"nlvr2", "dev"},
                                    {"nlvr2", "test1"},
                                    {"snli-ve", "dev"},
                                    {"snli-ve", "test"},
                                    {"flickr30k", "test"},
                                    {"coco", "test"},
                                    {"coco", "val"}}) {
    EXPECT_EQ(training_data_warning(task, split), std::nullopt) << task << " " << split;
  }
}

TEST(DuplicateImageWarning, NamesThePairsAndCountsAll) {
  records::SampleSet set;
  for (const char* id : {"a", "b", "c", "d", "e"}) set.images.push_back({id, ""});
  EXPECT_EQ(duplicate_image_warning(set, std::vector<std::uint64_t>{1, 2, 3, 4, 5}), std::nullopt);
  EXPECT_EQ(duplicate_image_warning(set, std::vector<std::uint64_t>{0, 0, 0, 4, 5}), std::nullopt)
      << "images that were not read are no duplicates";
  const auto warning = duplicate_image_warning(set, std::vector<std::uint64_t>{7, 2, 7, 2, 7});
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, HasSubstr("3 images"));
  EXPECT_THAT(*warning, HasSubstr("c = a, d = b, e = a"));
}

TEST(TruncationWarning, SaysHowManyAndAtWhatLength) {
  EXPECT_EQ(truncation_warning(0, 50), std::nullopt);
  EXPECT_THAT(truncation_warning(12, 50).value(), HasSubstr("12 texts were longer than 50 tokens"));
}

}  // namespace
}  // namespace bteval::app
