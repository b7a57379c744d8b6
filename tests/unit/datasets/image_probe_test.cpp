#include "datasets/image_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/test_paths.h"

namespace bteval::datasets {
namespace {

using namespace std::string_literals;
using State = ImageProbe::State;
using ::testing::HasSubstr;

ImageProbe probe(const std::string& content) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "image").string();
  std::ofstream(path, std::ios::binary) << content;
  const ImageProbe from_file = probe_image(path);
  const ImageProbe from_memory = probe_image(std::as_bytes(std::span(content)));
  EXPECT_EQ(from_file.state, from_memory.state);
  EXPECT_EQ(from_file.detail, from_memory.detail);
  EXPECT_EQ(from_file.size, content.size());
  return from_file;
}

// A comment of a length, a scan header, pixels, and the end marker.
std::string jpeg(std::size_t comment, std::size_t pixels) {
  const std::size_t length = comment + 2;
  return "\xff\xd8\xff\xfe"s + static_cast<char>(length >> 8) + static_cast<char>(length & 255) +
         std::string(comment, 'c') + "\xff\xda\0\4ab"s + std::string(pixels, 'p') + "\xff\xd9"s;
}

TEST(ImageProbe, AcceptsSoundFilesOfAnySize) {
  for (const std::size_t pixels : {0, 1, 4000, 4096, 8000, 50000}) {
    const ImageProbe result = probe(jpeg(10, pixels));
    EXPECT_EQ(result.state, State::kGood) << pixels << result.detail;
    EXPECT_EQ(result.content, FileContent::kJpeg);
  }
  EXPECT_EQ(probe(jpeg(60000, 10)).state, State::kGood);  // a long profile in front
  EXPECT_EQ(probe(jpeg(10, 10) + "behind the end").state, State::kGood);
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\0\0\0\0"s;
  EXPECT_EQ(probe(png + "\0\0\0\0IEND\xae\x42\x60\x82"s).state, State::kGood);
  EXPECT_EQ(probe("RIFF\4\0\0\0WEBPVP8 "s).state, State::kGood);
}

TEST(ImageProbe, TellsFilesThatAreCutOff) {
  const std::string whole = jpeg(10, 9000);
  EXPECT_EQ(probe(whole.substr(0, whole.size() - 2)).state, State::kNoEnd);
  EXPECT_EQ(probe(whole.substr(0, 5000) + std::string(5000, '\0')).state, State::kNoEnd);  // preallocated
  EXPECT_EQ(probe(whole.substr(0, 10)).state, State::kDamaged);
  EXPECT_EQ(probe(whole.substr(0, 16)).state, State::kDamaged);  // a header and nothing else
  EXPECT_EQ(probe(jpeg(60000, 10).substr(0, 5000)).state, State::kDamaged);
  EXPECT_EQ(probe("\xff\xd8\xff\xfe\0\1xxxx"s).state, State::kDamaged);
  EXPECT_EQ(probe("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s).state, State::kDamaged);
  EXPECT_EQ(probe("\x89PNG\r\n\x1a\n"s + std::string(100, 'x')).state, State::kDamaged);
}

TEST(ImageProbe, SaysWhatIsNoImage) {
  const auto detail = [](const std::string& content) {
    const ImageProbe result = probe(content);
    EXPECT_EQ(result.state, State::kNotAnImage);
    return result.detail;
  };
  EXPECT_EQ(detail(""), "the file is empty");
  EXPECT_THAT(detail("version https://git-lfs.github.com/spec/v1\noid"), HasSubstr("Git LFS pointer"));
  EXPECT_THAT(detail("  <!DOCTYPE HTML><html>"), HasSubstr("an HTML or XML page"));
  EXPECT_THAT(detail("<?xml version='1.0'?><Error><Code>AccessDenied"), HasSubstr("an HTML or XML page"));
  EXPECT_THAT(detail("This photo is no longer available"), HasSubstr("text that begins with \"This photo"));
  EXPECT_THAT(detail("PK\3\4zip"), HasSubstr("an archive"));
  EXPECT_THAT(detail("\x01\x02\x03\x04"), HasSubstr("unknown content"));
}

TEST(ImageProbe, TellsImagesThatAreNotSupported) {
  for (const std::string& content : {"GIF89a\1\0"s, "II*\0\1"s, "MM\0*\1"s,
                                     "\0\0\0\x1c"
                                     "ftypheic"s}) {
    EXPECT_EQ(probe(content).state, State::kUnsupported);
  }
}

TEST(ImageProbe, TellsWhatCannotBeOpened) {
  const testing::TempDir dir;
  EXPECT_EQ(probe_image((dir.path() / "none.jpg").string()).state, State::kMissing);
  EXPECT_EQ(probe_image(dir.path().string()).state, State::kUnreadable);
}

TEST(ImageProbe, AgreesWithTheOddFilesOfTheTestData) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const auto state = [&](const char* name) { return probe_image((data / "images" / name).string()).state; };
  EXPECT_EQ(state("derived/161044_no_eoi.jpg"), State::kNoEnd);
  EXPECT_EQ(state("derived/161044_truncated_half.jpg"), State::kNoEnd);
  EXPECT_EQ(state("derived/161044_trailing_garbage.jpg"), State::kGood);
  EXPECT_EQ(state("derived/161044_jpeg_named.png"), State::kGood);
  EXPECT_EQ(state("derived/161044_progressive.jpg"), State::kGood);
  EXPECT_EQ(state("derived/empty.jpg"), State::kNotAnImage);
  EXPECT_EQ(state("derived/git_lfs_pointer.jpg"), State::kNotAnImage);
  EXPECT_EQ(state("../odd/lfs_pointer.COCO_val2014_000000295124.jpg"), State::kNotAnImage);
  for (const auto& entry : std::filesystem::directory_iterator(data / "images/coco_cc")) {
    if (entry.path().extension() != ".jpg") continue;
    EXPECT_EQ(probe_image(entry.path().string()).state, State::kGood) << entry.path();
  }
}

}  // namespace
}  // namespace bteval::datasets
