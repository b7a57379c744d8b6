// `bteval data check` on .arrow tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/arrow_table.h"
#include "integration/data_trees.h"
#include "support/test_paths.h"
#include "tasks/data_check.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using datasets::DataCheck;
using datasets::Fault;
using datasets::Finding;
using datasets::ImageDepth;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

class DataCheckArrow : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!datasets::ArrowTable::supported()) GTEST_SKIP() << "built without Apache Arrow";
  }
  DataCheck check(const std::string& task, ImageDepth depth = ImageDepth::kDecode) const {
    datasets::DataCheckOptions options;
    options.task = task;
    options.root = root();
    options.depth = depth;
    return app::check_data(options);
  }
  void copy(const std::string& name) const {
    fs::copy_file(testing::golden_data("arrow") / name, root() / name);
  }
  const fs::path& root() const { return dir_.path(); }
  testing::TempDir dir_;
};

std::vector<Finding> of(const DataCheck& result, Fault fault) {
  for (const auto& group : result.splits.at(0).groups) {
    if (group.fault == fault) return group.findings;
  }
  return {};
}

auto at(const std::string& where, const std::string& what) {
  return AllOf(Field(&Finding::where, HasSubstr(where)), Field(&Finding::what, HasSubstr(what)));
}

TEST_F(DataCheckArrow, CountsAndDecodesEveryTable) {
  struct Expected {
    const char *task, *table, *split, *unit;
    std::uint64_t samples, images;
  };
  for (const Expected& expected :
       {Expected{"vqav2", "vqav2_val.arrow", "val", "questions", 6, 3},
        Expected{"nlvr2", "nlvr2_dev.arrow", "dev", "sentences", 6, 8},
        Expected{"snli-ve", "snli_test.arrow", "test", "pairs", 6, 3},
        Expected{"flickr30k", "f30k_caption_karpathy_test.arrow", "test", "captions", 16, 3},
        Expected{"coco", "coco_caption_karpathy_test.arrow", "test", "captions", 16, 3}}) {
    copy(expected.table);
    const DataCheck result = check(expected.task);
    ASSERT_EQ(result.splits.size(), 1) << expected.task;
    EXPECT_EQ(result.splits[0].split, expected.split);
    EXPECT_THAT(result.splits[0].files, ElementsAre((root() / expected.table).string()));
    EXPECT_EQ(result.splits[0].counts.at(0).name, expected.unit);
    EXPECT_EQ(result.splits[0].counts[0].found, expected.samples);
    EXPECT_EQ(result.image_files, expected.images);
    // Small as they are, the tables have another fault than their size only where they can.
    for (const auto& group : result.splits[0].groups)
      EXPECT_EQ(group.fault, Fault::kWrongCount) << expected.task;
    EXPECT_EQ(of(result, Fault::kWrongCount).empty(), expected.task == std::string("vqav2"));
  }
}

TEST_F(DataCheckArrow, NamesBrokenImagesInTables) {
  copy("vqav2_val.arrow");
  const fs::path table = root() / "vqav2_val.arrow";
  std::string bytes = testing::read_text(table);
  const auto image = [](const char* id) {
    return testing::read_text(testing::golden_data("arrow") / "val2014" /
                              (std::string("COCO_val2014_000000000") + id + ".jpg"));
  };
  const auto replace = [&](const std::string& from, const std::string& to) {
    ASSERT_EQ(from.size(), to.size());
    ASSERT_NE(bytes.find(from), std::string::npos);
    bytes.replace(bytes.find(from), from.size(), to);
  };
  replace(image("042"), std::string(image("042").size(), 'x'));
  replace(image("074"), image("074").substr(0, 400) + std::string(image("074").size() - 400, '\0'));
  testing::write_text(table, bytes);
  const DataCheck result = check("vqav2", ImageDepth::kHash);
  EXPECT_THAT(of(result, Fault::kNotAnImage),
              ElementsAre(at("vqav2_val.arrow: image 42", "text that begins with \"xxx")));
  EXPECT_THAT(of(result, Fault::kCutOffImage), ElementsAre(at("vqav2_val.arrow: image 74", "no end marker")));
}

TEST_F(DataCheckArrow, NamesTablesThatAreNone) {
  testing::write_text(root() / "snli_dev.arrow", "version https://git-lfs.github.com/spec/v1\noid");
  EXPECT_THAT(of(check("snli-ve"), Fault::kBadFile), ElementsAre(at("snli_dev.arrow", "a Git LFS pointer")));
}

}  // namespace
}  // namespace bteval
