// `bteval score retrieval`, run as users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::CommandResult;
using ::testing::HasSubstr;

class ScoreRetrieval : public ::testing::Test {
 protected:
  ScoreRetrieval() {
    // Two images, three captions; caption 2 of image 1 ties with image 0.
    write("captions.json", R"([{"image": "flickr30k-images/a b.jpg", "caption": ["x", "x"]},
                               {"image": "flickr30k-images/2.jpg", "caption": ["z"]}])");
    write_floats("scores.f32", {3, 1, 2, 1, 2, 2});
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void write_floats(const std::string& name, const std::vector<float>& values) const {
    write(name, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  }
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }
  std::string text(const std::string& name) const { return std::string(Bytes::map_file(path(name))->text()); }

  CommandResult score(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> argv = {BTEVAL_BINARY,         "score",     "retrieval",
                                     "--dataset",           "flickr30k", "--annotations",
                                     path("captions.json"), "--json",    path("out.json")};
    argv.insert(argv.end(), more.begin(), more.end());
    return testing::run_command(argv);
  }
  CommandResult score_file(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"--scores", path("scores.f32")};
    all.insert(all.end(), more.begin(), more.end());
    return score(all);
  }
  double value(const std::string& group, const std::string& name) const {
    return read_json(path("out.json"))["score"]["groups"][group][name]["unrounded"].get<double>();
  }

  testing::TempDir dir_;
};

TEST_F(ScoreRetrieval, PrintsRecallsOfAMatrix) {
  const CommandResult result = score_file();
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("TR R@1"), HasSubstr("optimistic"), HasSubstr("2 images, 3 captions")));
  EXPECT_THAT(
      result.out,
      HasSubstr("flickr30k|split:test|protocol:dense|ties:id|folds:5k|captions:all|images:2|texts:3|"));
  // Image 0 finds caption 0. Image 1's caption 2 ties with caption 1, which stands before it.
  EXPECT_EQ(value("text retrieval", "R@1"), 50);
  EXPECT_EQ(value("text retrieval, optimistic", "R@1"), 100);
  EXPECT_EQ(value("text retrieval, pessimistic", "R@1"), 50);
  // Caption 0 finds image 0, caption 1 does not, caption 2 ties.
  EXPECT_NEAR(value("image retrieval", "R@1"), 100.0 / 3, 1e-12);
  EXPECT_NEAR(value("image retrieval, optimistic", "R@1"), 200.0 / 3, 1e-12);
  const Json out = read_json(path("out.json"));
  EXPECT_EQ(out["counts"]["duplicates_in_image"], 1);
  EXPECT_EQ(out["files"][1]["role"], "scores");

  ASSERT_EQ(score_file({"--ties", "optimistic"}).exit_status, 0);
  EXPECT_EQ(value("text retrieval", "R@1"), 100);
}

TEST_F(ScoreRetrieval, TakesTheMeanOverFolds) {
  write_floats("scores.f32", {3, 1, 2, 1, 2, 2});
  const CommandResult result = score_file({"--folds", "both", "--fold-images", "1", "--fold-count", "2"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(value("text retrieval 1", "R@1"), 100) << "each image has but its own captions to choose from";
  EXPECT_THAT(result.out, HasSubstr("|folds:both|fold:2x1x5|"));
  EXPECT_EQ(score_file({"--folds", "1k"}).exit_status, 2);
  EXPECT_THAT(score_file({"--folds", "1k"}).err, HasSubstr("need a split of 5000 images; this one has 2"));
  EXPECT_EQ(score_file({"--folds", "3k"}).exit_status, 2);
}

TEST_F(ScoreRetrieval, DropsDuplicatesOnRequest) {
  EXPECT_THAT(score_file({"--unique-captions"}).err, HasSubstr("would take 16 bytes, not 24"));
  write_floats("scores.f32", {3, 2, 1, 2});
  const CommandResult result = score_file({"--unique-captions"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 captions that an earlier one"), HasSubstr("|captions:unique|")));
  EXPECT_EQ(value("text retrieval", "R@1"), 100);
}

TEST_F(ScoreRetrieval, WritesTrecFilesOfBothDirections) {
  const CommandResult result =
      score_file({"--trec-run", path("run.txt"), "--trec-qrels", path("qrels.txt"), "--trec-depth", "2"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("wrote " + path("run.tr.txt")));
  EXPECT_EQ(text("run.tr.txt"),
            "image:a%20b Q0 caption:0#0 1 3 bteval-dense\nimage:a%20b Q0 caption:1#0 2 2 bteval-dense\n"
            "image:2 Q0 caption:0#1 1 2 bteval-dense\nimage:2 Q0 caption:1#0 2 1.9999999 bteval-dense\n");
  EXPECT_EQ(text("qrels.tr.txt"),
            "image:a%20b 0 caption:0#0 1\nimage:a%20b 0 caption:0#1 1\nimage:2 0 caption:1#0 1\n");
  EXPECT_THAT(text("run.ir.txt"),
              HasSubstr("caption:1#0 Q0 image:a%20b 1 2 bteval-dense\ncaption:1#0 Q0 image:2 2 1.9"));
  EXPECT_THAT(text("qrels.ir.txt"), HasSubstr("caption:0#1 0 image:a%20b 1\n"));
}

TEST_F(ScoreRetrieval, NamesWhatIsWrong) {
  write_floats("scores.f32", {3, 1, std::nanf(""), 1, 2, 2});
  EXPECT_EQ(score_file().exit_status, 3);
  EXPECT_THAT(score_file().err,
              AllOf(HasSubstr("scores.f32"), HasSubstr("image 0, caption 2"), HasSubstr("is NaN")));
  EXPECT_THAT(score_file({"--protocol", "itm"}).err, HasSubstr("the protocol itm needs candidate pairs"));
  EXPECT_EQ(score_file({"--protocol", "best"}).exit_status, 2);
  EXPECT_EQ(score({"--scores", path("absent")}).exit_status, 3);
  EXPECT_EQ(testing::run_command({BTEVAL_BINARY, "score", "retrieval", "--dataset", "coco", "--scores", "x"})
                .exit_status,
            2);
}

// All of COCO's test captions with the matrix of the published expectation's first 200 images.
TEST_F(ScoreRetrieval, ReproducesThePublishedTies) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const Json expected = read_json(data / "retrieval/coco200_ties_expected.json");
  std::map<std::uint32_t, Json> captions;
  std::uint32_t number = 0;
  for (const Json& image : expected["text_to_image_index"]) {
    captions[image.get<std::uint32_t>()].push_back(std::to_string(number++));
  }
  Json list = Json::array();
  for (const auto& [image, texts] : captions)
    list.push_back({{"image", fmt::format("{}.jpg", image)}, {"caption", texts}});
  write("captions.json", list.dump());
  const std::string matrix = (data / "retrieval/coco200_ties_scores.f32").string();
  const CommandResult result = score({"--scores", matrix, "--transposed"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  for (const auto& [name, suffix] : {std::pair("index_order", ""), std::pair("optimistic", ", optimistic"),
                                     std::pair("pessimistic", ", pessimistic")}) {
    for (const char* recall : {"R@1", "R@5", "R@10"}) {
      EXPECT_NEAR(value(std::string("text retrieval") + suffix, recall),
                  expected["i2t"][name][recall].get<double>(), 1e-6);
      EXPECT_NEAR(value(std::string("image retrieval") + suffix, recall),
                  expected["t2i"][name][recall].get<double>(), 1e-6);
    }
  }
}

}  // namespace
}  // namespace bteval
