// `bteval probe image`, run as users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string fixture(const std::string& name) { return (testing::golden_data("image") / name).string(); }

CommandResult probe(std::vector<std::string> arguments) {
  std::vector<std::string> argv = {BTEVAL_BINARY, "probe", "image"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return testing::run_command(argv, "");
}

const Json& expected() {
  static const Json json = read_json(testing::golden_data("image/expected.json"));
  return json;
}

TEST(ProbeImage, PrintsSizeAndDigestOfTheDecodedImage) {
  const CommandResult result = probe({fixture("jpeg_cmyk.jpg")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.out, "29x21  " + expected().at("files").at("jpeg_cmyk.jpg").at("rgb").get<std::string>() +
                            "  " + fixture("jpeg_cmyk.jpg") + "\n");
}

TEST(ProbeImage, AppliesTheTransformInEitherOrder) {
  const Json& row = expected().at("files").at("png_3x200.png");
  ASSERT_EQ(expected().at("sizes").at(1), Json::array({64, 64}));
  const std::string file = fixture("png_3x200.png");
  const CommandResult classic = probe({file, "--transform", "square", "--size", "64"});
  EXPECT_THAT(classic.out, StartsWith("64x64  " + row.at("resized").at(1).get<std::string>()));
  const CommandResult newer =
      probe({file, "--transform", "square", "--size", "64", "--resize-order", "pillow-13"});
  EXPECT_THAT(newer.out, StartsWith("64x64  " + row.at("resized_pillow_13").at(1).get<std::string>()));
  EXPECT_NE(classic.out, newer.out);
}

TEST(ProbeImage, WritesWhatItDigested) {
  const testing::TempDir folder;
  const std::string out = (folder.path() / "image.ppm").string();
  const CommandResult result =
      probe({fixture("jpeg_420.jpg"), "--transform", "center_crop", "--size", "20", "--out", out});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const std::string content(Bytes::map_file(out)->text());
  const std::string header = "P6\n20 20\n255\n";
  ASSERT_EQ(content.size(), header.size() + 20 * 20 * 3);
  EXPECT_THAT(content, StartsWith(header));
  EXPECT_THAT(result.out, StartsWith("20x20  " + sha256(content.substr(header.size()))));
}

TEST(ProbeImage, ARefusedImageIsADataError) {
  const CommandResult result = probe({fixture("jpeg_truncated.jpg")});
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("jpeg_truncated.jpg: the JPEG file is truncated"));
  EXPECT_EQ(probe({fixture("no_such_file.jpg")}).exit_status, 3);
}

TEST(ProbeImage, OfSeveralImagesTheRefusedOnesAreListed) {
  const CommandResult result = probe({fixture("jpeg_420.jpg"), fixture("gif.gif"), fixture("png_c2_d8.png")});
  EXPECT_EQ(result.exit_status, 6);
  EXPECT_THAT(result.out,
              HasSubstr("refused  " + fixture("gif.gif") + ": no image that can be read: a GIF image"));
  EXPECT_THAT(result.out, HasSubstr("13x11  "));
  EXPECT_THAT(result.err, HasSubstr("1 of 3 images were refused"));
  EXPECT_EQ(probe({fixture("jpeg_420.jpg"), fixture("png_c2_d8.png")}).exit_status, 0);
}

TEST(ProbeImage, UsageErrors) {
  EXPECT_EQ(probe({}).exit_status, 2);
  EXPECT_EQ(probe({fixture("jpeg_420.jpg"), "--transform", "circle"}).exit_status, 2);
  EXPECT_EQ(probe({fixture("jpeg_420.jpg"), "--transform", "hf", "--size", "0"}).exit_status, 2);
  EXPECT_EQ(probe({fixture("jpeg_420.jpg"), fixture("gif.gif"), "--out", "x.ppm"}).exit_status, 2);
}

}  // namespace
}  // namespace bteval
