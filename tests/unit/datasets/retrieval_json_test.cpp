#include "datasets/retrieval_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/retrieval_names.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::datasets {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;
using ::testing::StartsWith;

RetrievalAnnotations read(std::string_view json, std::vector<std::string> splits = {"test"}) {
  return read_retrieval_annotations(*Bytes::from_memory("a.json", json), splits);
}

std::string read_error(std::string_view json) {
  return error_text([&] { read(json); });
}

std::vector<std::string> texts(const RetrievalAnnotations& annotations) {
  std::vector<std::string> out;
  for (const RetrievalCaption& caption : annotations.captions) {
    out.push_back(fmt::format("{}|{}|{}", caption.image, caption.id, caption.text));
  }
  return out;
}

std::vector<std::string> images(const RetrievalAnnotations& annotations) {
  std::vector<std::string> out;
  for (const RetrievalImage& image : annotations.images) out.push_back(image.id + "|" + image.path);
  return out;
}

TEST(RetrievalJson, ReadsKarpathysFormOfCoco) {
  const RetrievalAnnotations found = read(R"({"images": [
    {"sentids": [7], "imgid": 0, "sentences": [{"tokens": ["a"], "raw": " A\ncat. ", "imgid": 0, "sentid": 7},
                                               {"raw": "", "sentid": "8"}],
     "split": "test", "filename": "COCO_val2014_000000000042.jpg", "filepath": "val2014", "cocoid": 42},
    {"filename": "COCO_train2014_000000000009.jpg", "filepath": "train2014", "split": "restval", "cocoid": 9,
     "sentences": [{"raw": "other", "sentid": 1}]}], "dataset": "coco"})");
  EXPECT_EQ(found.form, RetrievalForm::kKarpathy);
  EXPECT_THAT(images(found), ElementsAre("42|val2014/COCO_val2014_000000000042.jpg"));
  EXPECT_THAT(texts(found), ElementsAre("0|7| A\ncat. ", "0|8|"));
  EXPECT_EQ(found.splits, (std::map<std::string, std::uint64_t>{{"restval", 1}, {"test", 1}}));
}

TEST(RetrievalJson, JoinsSplitsInFileOrder) {
  const char* json = R"({"images": [
    {"filename": "1.jpg", "split": "val", "sentences": [{"raw": "v"}]},
    {"filename": "2.jpg", "split": "test", "sentences": [{"raw": "t"}]},
    {"filename": "3.jpg", "split": "train", "sentences": [{"raw": "a"}, {"raw": "b"}]}]})";
  EXPECT_THAT(texts(read(json, {"train", "val"})), ElementsAre("0|0#0|v", "1|1#0|a", "1|1#1|b"));
  EXPECT_THAT(images(read(json, {"train", "val"})), ElementsAre("1|1.jpg", "3|3.jpg"));
  EXPECT_THAT(texts(read(json, {"none"})), ElementsAre());
}

TEST(RetrievalJson, ReadsListsWithOneRecordAnImageOrACaption) {
  const RetrievalAnnotations lists = read(R"([
    {"image": "val2014/COCO_val2014_000000391895.jpg", "caption": ["one ", "two"]},
    {"image": "val2014/COCO_val2014_000000060623.jpg", "caption": ["three"], "image_id": "coco_1"}])");
  EXPECT_EQ(lists.form, RetrievalForm::kList);
  EXPECT_THAT(texts(lists), ElementsAre("0|0#0|one ", "0|0#1|two", "1|1#0|three"));
  EXPECT_EQ(lists.images[1].id, "60623");
  const RetrievalAnnotations strings = read(R"([{"caption": "a", "image": "flickr30k-images/1007129816.jpg"},
    {"caption": "b", "image": "flickr30k-images/2.jpg"}, {"caption": "c", "image": "flickr30k-images/1007129816.jpg"}])");
  EXPECT_THAT(texts(strings), ElementsAre("0|0#0|a", "1|1#0|b", "0|0#1|c"));
  EXPECT_EQ(strings.images[0].id, "1007129816");
}

TEST(RetrievalJson, ReadsTheOfficialFormWhoseCaptionsAreNotGrouped) {
  const RetrievalAnnotations found = read(R"({"info": {}, "annotations": [
    {"image_id": 42, "id": 5, "caption": "a"}, {"image_id": "9", "id": "6", "caption": "b"},
    {"image_id": 42, "id": 3, "caption": "c"}],
    "images": [{"file_name": "000000000009.jpg", "id": 9}, {"id": 42, "file_name": "COCO_val2014_000000000042.jpg"}]})");
  EXPECT_EQ(found.form, RetrievalForm::kCoco);
  EXPECT_THAT(images(found), ElementsAre("9|000000000009.jpg", "42|val2014/COCO_val2014_000000000042.jpg"));
  EXPECT_THAT(texts(found), ElementsAre("1|5|a", "0|6|b", "1|3|c"));
}

TEST(RetrievalJson, RefusesNamesThatLeaveTheImageFolder) {
  for (const auto& [name, fault] :
       {std::pair("../x.jpg", "leaves the image folder"),
        std::pair("a/../../x.jpg", "leaves the image folder"), std::pair("/etc/passwd", "is absolute"),
        std::pair("a//b.jpg", "is no plain path"), std::pair("./b.jpg", "is no plain path"),
        std::pair("a/", "is no plain path"), std::pair("", "is empty"),
        std::pair("..", "leaves the image folder")}) {
    const std::string list = fmt::format(R"([{{"image": "{}", "caption": ["a"]}}])", name);
    EXPECT_THAT(read_error(list),
                AllOf(StartsWith("a.json: records[0]: at byte 11: the image name"), HasSubstr(fault)))
        << name;
    const std::string karpathy = fmt::format(
        R"({{"images": [{{"filename": "{}", "split": "test", "sentences": [{{"raw": "a"}}]}}]}})", name);
    EXPECT_THAT(read_error(karpathy), HasSubstr(fault)) << name;
  }
  EXPECT_THAT(read_error(R"([{"image": "a\u0000.jpg", "caption": ["a"]}])"), HasSubstr("has a zero byte"));
  EXPECT_THAT(
      read_error(
          R"({"images": [{"filename": "a.jpg", "filepath": "..", "split": "test", "sentences": []}]})"),
      HasSubstr("leaves the image folder"));
  EXPECT_EQ(coco_image_path("COCO_.._000000000042.jpg"), "COCO_.._000000000042.jpg");
}

TEST(RetrievalJson, RefusesWhatContradictsItself) {
  const auto coco = [](const std::string& images, const std::string& annotations) {
    return fmt::format(R"({{"images": [{}], "annotations": [{}]}})", images, annotations);
  };
  const std::string image = R"({"id": 1, "file_name": "1.jpg"})";
  const std::string caption = R"({"id": 5, "image_id": 1, "caption": "a"})";
  EXPECT_THAT(read_error(coco(image, caption + "," + caption)),
              HasSubstr("caption 5: has an id that stands twice"));
  EXPECT_THAT(read_error(coco(image, R"({"id": 5, "image_id": 2, "caption": "a"})")),
              HasSubstr("caption 5: is of image 2, which is not among the images"));
  EXPECT_THAT(read_error(coco(image, "")), HasSubstr("image 1.jpg: has no caption"));
  EXPECT_THAT(read_error(coco(image + R"(,{"id": 1, "file_name": "2.jpg"})", caption)),
              HasSubstr("has two file names"));
  EXPECT_THAT(read_error(coco(R"({"file_name": "1.jpg"})", caption)), HasSubstr("an image has no \"id\""));
  EXPECT_THAT(read_error(coco(image, R"({"image_id": 1, "caption": "a"})")), HasSubstr("has no \"id\""));
  EXPECT_THAT(read_error(coco(image, R"({"id": 5, "caption": "a"})")), HasSubstr("id 5: at byte"));
  EXPECT_THAT(read_error(R"([{"image": "a.jpg", "caption": ["x"]}, {"image": "a.jpg", "caption": ["y"]}])"),
              HasSubstr("image a.jpg: stands twice"));
  EXPECT_THAT(read_error(R"([{"image": "a.jpg", "caption": []}])"), HasSubstr("image a.jpg: has no caption"));
  EXPECT_THAT(read_error(R"([{"image": "a.jpg"}])"), HasSubstr("has no \"caption\""));
  EXPECT_THAT(read_error(R"([{"image": "a.jpg", "caption": [3]}])"), HasSubstr("expected a string"));
  const char* karpathy = R"({{"images": [{{"filename": "a.jpg", {}}}]}})";
  EXPECT_THAT(read_error(fmt::format(fmt::runtime(karpathy), R"("sentences": [{"raw": "a"}])")),
              HasSubstr("has no \"split\""));
  EXPECT_THAT(
      read_error(fmt::format(fmt::runtime(karpathy), R"("split": "test", "sentences": [{"sentid": 1}])")),
      HasSubstr("has no \"raw\""));
  EXPECT_THAT(read_error(R"({"images": [{"filename": "a.jpg", "split": "test", "sentences": [{"raw": "a"}]}],
                             "annotations": []})"),
              HasSubstr("has both"));
}

TEST(RetrievalJson, SaysWhatAFileIsThatIsNone) {
  EXPECT_THAT(read_error(R"({"questions": [], "info": 1})"),
              AllOf(HasSubstr("is no caption file"), HasSubstr("it has \"questions\", \"info\"")));
  EXPECT_THAT(read_error("{}"), HasSubstr("it has nothing else"));
  EXPECT_THAT(read_error("[] x"), HasSubstr("at byte 3"));
  BTEVAL_REQUIRE_TEST_DATA(data);
  const std::vector<std::string> splits = {"test"};
  const auto file_error = [&](const char* name) {
    return error_text([&] { read_retrieval_annotations(*Bytes::map_file(data / "odd" / name), splits); });
  };
  EXPECT_THAT(file_error("lfs_pointer.dataset_coco.json"), HasSubstr("is a Git LFS pointer"));
  EXPECT_THAT(file_error("plain_text_notice.captions_val2014.json"),
              HasSubstr("it starts with 'It is too large"));
}

TEST(RetrievalNames, GiveTheNumberOfCocosImages) {
  EXPECT_EQ(image_id_of_path("val2014/COCO_val2014_000000391895.jpg"), "391895");
  EXPECT_EQ(image_id_of_path("000000397133.jpg"), "397133");
  EXPECT_EQ(image_id_of_path("000000000000.jpg"), "0");
  EXPECT_EQ(image_id_of_path("flickr30k-images/1007129816.jpg"), "1007129816");
  EXPECT_EQ(image_id_of_path("a/COCO_x_12b.jpg"), "COCO_x_12b");
  EXPECT_EQ(image_id_of_path(".jpg"), ".jpg");
  EXPECT_EQ(coco_image_path("COCO_train2014_000000000009.jpg"), "train2014/COCO_train2014_000000000009.jpg");
  EXPECT_EQ(coco_image_path("000000397133.jpg"), "000000397133.jpg");
  EXPECT_EQ(coco_image_path("x/COCO_train2014_1.jpg"), "x/COCO_train2014_1.jpg");
}

}  // namespace
}  // namespace bteval::datasets
