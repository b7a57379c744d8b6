#include "datasets/retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/hash.h"
#include "datasets/image_check.h"
#include "datasets/retrieval_layout.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;

constexpr const char* kFlickr = R"({"images": [
  {"filename": "11.jpg", "split": "test", "sentences": [{"raw": "a dog", "sentid": 1}, {"raw": "a dog", "sentid": 2},
                                                        {"raw": "b", "sentid": 3}]},
  {"filename": "12.jpg", "split": "val", "sentences": [{"raw": "v", "sentid": 4}]},
  {"filename": "13.jpg", "split": "test", "sentences": [{"raw": " ", "sentid": 5}, {"raw": "a dog", "sentid": 6}]}]})";

class RetrievalTest : public ::testing::Test {
 protected:
  const fs::path& root() const { return dir_.path(); }

  fs::path write(const fs::path& file, std::string_view text = "x") const {
    fs::create_directories((root() / file).parent_path());
    std::ofstream(root() / file) << text;
    return root() / file;
  }

  RetrievalOptions options(const std::string& dataset = "flickr30k",
                           const std::string& split = "test") const {
    RetrievalOptions options;
    options.dataset = dataset;
    options.root = root();
    options.split = split;
    return options;
  }

  std::string open_error(const RetrievalOptions& options) const {
    return error_text([&] { open_retrieval(options); });
  }

  static std::vector<std::string> paths(const Retrieval& data) {
    std::vector<std::string> out;
    for (const records::ImageRef& image : data.samples.images) out.push_back(image.path);
    return out;
  }

  testing::TempDir dir_;
};

TEST_F(RetrievalTest, GivesOneSampleACaptionInFileOrder) {
  const fs::path file = write("karpathy/dataset_flickr30k.json", kFlickr);
  write("flickr30k-images/13.jpg");
  const Retrieval data = open_retrieval(options());
  ASSERT_EQ(data.samples.samples.size(), 5U);
  EXPECT_EQ(data.samples.samples[3].id, "5");
  EXPECT_EQ(data.samples.samples[3].text, " ");
  EXPECT_EQ(data.samples.samples[3].images, std::vector<std::uint32_t>{1});
  EXPECT_THAT(image_of_captions(data.samples), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(paths(data), ElementsAre((root() / "flickr30k-images/11.jpg").string(),
                                       (root() / "flickr30k-images/13.jpg").string()));
  EXPECT_THAT(missing_images(data.samples), ElementsAre(0));
  EXPECT_EQ(data.samples.images[1].id, "13");
  EXPECT_EQ(data.counts.images, 2U);
  EXPECT_EQ(data.counts.captions, 5U);
  EXPECT_EQ(data.counts.duplicates_in_image, 1U);
  EXPECT_EQ(data.counts.shared_texts, 1U);
  EXPECT_EQ(data.counts.blank, 1U);
  EXPECT_EQ(data.counts.min_captions_per_image, 2U);
  EXPECT_EQ(data.counts.max_captions_per_image, 3U);
  ASSERT_EQ(data.files.size(), 1U);
  EXPECT_EQ(data.files[0].sha256, sha256_file(file));
}

TEST_F(RetrievalTest, DropsDuplicatesInsideAnImageOnRequest) {
  write("dataset_flickr30k.json", kFlickr);
  RetrievalOptions unique = options();
  unique.with_images = false;
  const Retrieval all = open_retrieval(unique);
  unique.unique_captions = true;
  const Retrieval data = open_retrieval(unique);
  std::vector<std::string> ids;
  for (const records::Sample& sample : data.samples.samples) ids.push_back(sample.id);
  EXPECT_THAT(ids, ElementsAre("1", "3", "5", "6"));
  EXPECT_EQ(data.counts.dropped, 1U);
  EXPECT_EQ(data.counts.captions, 4U);
  EXPECT_EQ(all.counts.dropped, 0U);
  EXPECT_NE(data.captions_sha256, all.captions_sha256);
}

TEST_F(RetrievalTest, GivesTheSameDigestForEveryForm) {
  RetrievalOptions with_file = options();
  with_file.with_images = false;
  with_file.annotations = write("a.json", kFlickr);
  const std::string digest = open_retrieval(with_file).captions_sha256;
  with_file.annotations =
      write("b.json", R"([{"image": "flickr30k-images/11.jpg", "caption": ["a dog", "a dog", "b"]},
                                               {"image": "flickr30k-images/13.jpg", "caption": [" ", "a dog"]}])");
  EXPECT_EQ(open_retrieval(with_file).captions_sha256, digest);
  with_file.annotations =
      write("c.json", R"([{"image": "flickr30k-images/11.jpg", "caption": ["a dog", "a dog", "b"]},
                                               {"image": "flickr30k-images/13.jpg", "caption": ["a dog", " "]}])");
  EXPECT_NE(open_retrieval(with_file).captions_sha256, digest);
}

TEST_F(RetrievalTest, FindsTheTreeThatBridgeTowersSetupDescribes) {
  const fs::path tree = "dataset/mscoco_flickr30k_vqav2_snli_ve";
  write(tree / "karpathy/dataset_flickr30k.json", kFlickr);
  write(tree / "karpathy/dataset_coco.json", R"({"images": [
    {"filename": "COCO_val2014_000000000042.jpg", "filepath": "val2014", "cocoid": 42, "split": "test",
     "sentences": [{"raw": "a"}]},
    {"filename": "COCO_train2014_000000000009.jpg", "filepath": "train2014", "cocoid": 9, "split": "train",
     "sentences": [{"raw": "b"}]},
    {"filename": "COCO_val2014_000000000010.jpg", "filepath": "val2014", "cocoid": 10, "split": "restval",
     "sentences": [{"raw": "c"}]}]})");
  write(tree / "flickr30k-images/11.jpg");
  write(tree / "val2014/COCO_val2014_000000000042.jpg");
  write(tree / "train2014/COCO_train2014_000000000009.jpg");
  EXPECT_EQ(paths(open_retrieval(options())).front(), (root() / tree / "flickr30k-images/11.jpg").string());
  EXPECT_THAT(paths(open_retrieval(options("coco"))),
              ElementsAre((root() / tree / "val2014/COCO_val2014_000000000042.jpg").string()));
  const Retrieval train = open_retrieval(options("coco", "train+restval"));
  EXPECT_EQ(train.split, "train+restval");
  EXPECT_THAT(paths(train),
              ElementsAre((root() / tree / "train2014/COCO_train2014_000000000009.jpg").string(),
                          (root() / tree / "val2014/COCO_val2014_000000000010.jpg").string()));
}

TEST_F(RetrievalTest, FindsImagesInTheDataSetsOwnLayouts) {
  RetrievalOptions given = options("coco", "val2017");
  write("annotations/captions_val2017.json", R"({"images": [{"id": 9, "file_name": "000000000009.jpg"}],
                                                 "annotations": [{"id": 1, "image_id": 9, "caption": "a"}]})");
  const fs::path image = write("val2017/000000000009.jpg");
  EXPECT_THAT(paths(open_retrieval(given)), ElementsAre(image.string()));
  given.split = "val";
  given.annotations = root() / "annotations/captions_val2017.json";
  EXPECT_THAT(paths(open_retrieval(given)), ElementsAre(image.string())) << "the file's name says the folder";
  given.images = root() / "val2017";
  EXPECT_THAT(paths(open_retrieval(given)), ElementsAre(image.string())) << "the folder itself";

  RetrievalOptions list = options("flickr30k", "mini");
  list.annotations =
      write("flickr30k_mini.json", R"([{"image": "flickr30k-images/1.jpg", "caption": ["a"]}])");
  const fs::path plain = write("elsewhere/1.jpg");
  list.images = root() / "elsewhere";
  EXPECT_THAT(paths(open_retrieval(list)), ElementsAre(plain.string())) << "without the annotations' folder";
  list.annotations.clear();
  EXPECT_EQ(open_retrieval(list).form, RetrievalForm::kList) << "found by the split's name";
}

// Who sets data up may link folders and files to where they lie; what annotations say cannot: their names
// have no "..", see RetrievalJson.RefusesNamesThatLeaveTheImageFolder.
TEST_F(RetrievalTest, FollowsLinksThatStandInTheImageFolder) {
  write("disk/flickr/11.jpg", "eleven");
  write("disk/13.jpg", "thirteen");
  write("linked/karpathy/dataset_flickr30k.json", kFlickr);
  RetrievalOptions linked = options();
  linked.root = root() / "linked";
  fs::create_directory_symlink(root() / "disk/flickr", linked.root / "flickr30k-images");
  fs::create_symlink(root() / "disk/13.jpg", linked.root / "flickr30k-images/13.jpg");
  const Retrieval data = open_retrieval(linked);
  EXPECT_TRUE(missing_images(data.samples).empty());
  fs::remove(root() / "disk/13.jpg");
  EXPECT_THAT(missing_images(data.samples), ElementsAre(1U));  // a link that leads nowhere
}

TEST_F(RetrievalTest, SaysWhatIsMissing) {
  EXPECT_THAT(open_error(options()),
              AllOf(HasSubstr("has none of dataset_flickr30k.json, flickr30k_test.json"),
                    HasSubstr((root() / "karpathy").string())));
  EXPECT_THAT(open_error(options("vqa")), HasSubstr("flickr30k and coco, not \"vqa\""));
  EXPECT_THAT(open_error(options("flickr30k", "a++b")), HasSubstr("is no split"));
  write("dataset_flickr30k.json", kFlickr);
  EXPECT_THAT(open_error(options("flickr30k", "dev")),
              HasSubstr("has no split \"dev\"; it has test (2 images), val (1 images)"));
  EXPECT_THAT(open_error(options()), AllOf(HasSubstr("has no image 11.jpg"), HasSubstr("looked below")));
  RetrievalOptions given = options();
  given.images = root() / "nowhere";
  EXPECT_THAT(open_error(given), HasSubstr("nowhere: has no image 11.jpg"));
  given.root = root() / "absent";
  EXPECT_THAT(open_error(given), HasSubstr("the data folder does not exist"));
  RetrievalOptions list = options("coco", "train+val");
  list.annotations = write("coco_karpathy_test.json", R"([{"image": "1.jpg", "caption": ["a"]}])");
  EXPECT_THAT(open_error(list), HasSubstr("holds one split"));
  list.split = "test";
  list.annotations = write("empty.json", "[]");
  EXPECT_THAT(open_error(list), HasSubstr("has no captions"));
}

TEST_F(RetrievalTest, ScoresCaptionsOfImagesWithoutNamesButDoesNotOpenThem) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  RetrievalOptions odd = options("coco", "val2014");
  odd.annotations = data / "odd/string_ids.captions_val2014.json";
  EXPECT_THAT(open_error(odd), HasSubstr("image 12433: has no file name"));
  odd.with_images = false;
  const Retrieval found = open_retrieval(odd);
  EXPECT_EQ(found.counts.captions, 93U);
  EXPECT_EQ(found.samples.samples[0].id, "1");
  EXPECT_EQ(found.samples.samples[0].text, "Six sharks swimming on the bottom of the sea");
}

TEST_F(RetrievalTest, CountsTheRealSplits) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  RetrievalOptions real = options("coco");
  real.with_images = false;
  real.annotations = data / "coco/coco_karpathy_test.json";
  const Retrieval list = open_retrieval(real);
  EXPECT_EQ(list.counts.images, 5000U);
  EXPECT_EQ(list.counts.captions, 25010U);
  EXPECT_EQ(list.counts.shared_texts, 109U);
  EXPECT_EQ(list.counts.duplicates_in_image, 3U);
  EXPECT_EQ(list.counts.max_captions_per_image, 6U);
  EXPECT_EQ(list.samples.images[0].id, "391895");
  EXPECT_EQ(list.samples.samples[0].text, "A man with a red helmet on a small moped on a dirt road. ");
  real.annotations = data / "coco/dataset_coco.test5000.json";
  const Retrieval karpathy = open_retrieval(real);
  EXPECT_EQ(karpathy.captions_sha256, list.captions_sha256);
  EXPECT_EQ(karpathy.samples.images[0].id, "391895");
  real.unique_captions = true;
  EXPECT_EQ(open_retrieval(real).counts.captions, 25007U);
  real.unique_captions = false;
  real.split = "val2017";
  real.annotations = data / "coco/captions_val2017.json";
  EXPECT_EQ(open_retrieval(real).counts.captions, 25014U);
  EXPECT_EQ(open_retrieval(real).counts.images, 5000U);

  RetrievalOptions flickr = options("flickr30k");
  flickr.with_images = false;
  flickr.annotations = data / "flickr30k/dataset_flickr30k.val_test.json";
  EXPECT_EQ(open_retrieval(flickr).counts.captions, 5000U);
  flickr.split = "val";
  EXPECT_EQ(open_retrieval(flickr).counts.images, 1014U);
  flickr.split = "test";
  flickr.annotations = data / "flickr30k/flickr30k_test.json";
  EXPECT_EQ(open_retrieval(flickr).counts.images, 1000U);

  RetrievalOptions photographs = options("coco", "cc50");
  photographs.annotations = data / "coco/coco_cc50_retrieval.json";
  photographs.images = data / "images";
  const Retrieval opened = open_retrieval(photographs);
  EXPECT_EQ(opened.counts.captions, 250U);
  EXPECT_TRUE(missing_images(opened.samples).empty());
}

}  // namespace
}  // namespace bteval::datasets
