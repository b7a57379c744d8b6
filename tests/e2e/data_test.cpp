// `bteval data check` and `bteval data layout`, run as users run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DataCommand : public ::testing::Test {
 protected:
  // The mini suite's SNLI-VE under a name of its own, so that its size is free.
  DataCommand() {
    const fs::path from = testing::source_dir() / "assets/mini/snli_ve";
    fs::copy_file(from / "snli_ve_test.jsonl", root() / "snli_ve_mini.jsonl");
    fs::copy(from / "flickr30k-images", root() / "flickr30k-images");
  }

  const fs::path& root() const { return dir_.path(); }

  static CommandResult data(std::vector<std::string> arguments) {
    std::vector<std::string> argv = {BTEVAL_BINARY, "data"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return testing::run_command(argv);
  }
  CommandResult check(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"check", "snli-ve", "--data", root().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return data(arguments);
  }
  fs::path some_image() const {
    std::vector<fs::path> images;
    for (const auto& entry : fs::directory_iterator(root() / "flickr30k-images"))
      images.push_back(entry.path());
    return *std::min_element(images.begin(), images.end());
  }

  testing::TempDir dir_;
};

TEST_F(DataCommand, EndsWithZeroWhereNothingIsWrong) {
  for (const char* depth : {"header", "hash", "decode"}) {
    const CommandResult result = check({"--images", depth});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("snli-ve mini\n"));
    EXPECT_THAT(result.out, HasSubstr("  600 pairs\n"));
    EXPECT_THAT(result.out, HasSubstr("100 image files"));
    EXPECT_THAT(result.out, HasSubstr(std::string("checked by ") + depth + ": 0 errors, 0 warnings\n"));
    EXPECT_THAT(result.err, IsEmpty());
  }
}

TEST_F(DataCommand, EndsWithThreeAndWritesAllFindingsAsJson) {
  const fs::path image = some_image();
  std::ofstream(image) << "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  const fs::path json = root() / "check.json";
  const CommandResult result = check({"--json", json.string(), "--examples", "0"});
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.err, HasSubstr("the check found 1 errors"));
  EXPECT_THAT(result.out, HasSubstr("  error: 1 image files that are no images\n    … and 1 more\n"));

  const Json written = read_json(json);
  EXPECT_EQ(written["task"], "snli-ve");
  EXPECT_EQ(written["errors"], 1);
  EXPECT_EQ(written["image_files"], 100);
  const Json& findings = written["splits"][0]["findings"];
  ASSERT_EQ(findings.size(), 2);
  EXPECT_EQ(findings[0]["kind"], "not-an-image");
  EXPECT_EQ(findings[0]["severity"], "error");
  EXPECT_EQ(findings[0]["findings"][0]["where"], image.string());
  EXPECT_THAT(findings[0]["findings"][0]["what"].get<std::string>(), HasSubstr("is a Git LFS pointer"));
  EXPECT_EQ(findings[1]["kind"], "repeated-text");
  EXPECT_EQ(findings[1]["count"], findings[1]["findings"].size());
  EXPECT_EQ(findings[1]["findings"].size(), 11);
}

TEST_F(DataCommand, EndsWithZeroWhereThereAreWarningsOnly) {
  const fs::path image = some_image();
  const auto size = fs::file_size(image);
  fs::resize_file(image, size - 2);
  CommandResult result = check();
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.out, HasSubstr("warning: 1 images without an end\n    " + image.string()));
  fs::resize_file(image, size / 2);
  result = check({"--images", "decode"});
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("error: 1 damaged images\n    " + image.string()));
}

TEST_F(DataCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(check({"--images", "often"}).exit_status, 2);
  EXPECT_EQ(check({"--split", "other"}).exit_status, 2);
  EXPECT_EQ(data({"check", "gqa", "--data", root().string()}).exit_status, 2);
  EXPECT_EQ(data({"check", "coco", "--data", root().string()}).exit_status, 3);
  EXPECT_EQ(data({"layout", "gqa"}).exit_status, 2);
}

TEST_F(DataCommand, PrintsTheLayoutOfEveryTask) {
  for (const auto& [task, file] :
       {std::pair{"vqav2", "v2_mscoco_val2014_annotations.json"}, std::pair{"nlvr2", "balanced_test1.json"},
        std::pair{"snli-ve", "snli_ve_test.jsonl"}, std::pair{"flickr30k", "dataset_flickr30k.json"},
        std::pair{"coco", "coco_karpathy_test.json"}}) {
    const CommandResult result = data({"layout", task});
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_THAT(result.out, HasSubstr(file));
    EXPECT_THAT(result.out, HasSubstr("BridgeTower's setup"));
    EXPECT_THAT(result.out, HasSubstr("Published at\n  https://"));
  }
}

}  // namespace
}  // namespace bteval
