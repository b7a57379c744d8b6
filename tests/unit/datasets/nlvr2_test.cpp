#include "datasets/nlvr2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/hash.h"
#include "datasets/image_check.h"
#include "datasets/nlvr2_layout.h"
#include "nlvr2_files.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using ::testing::HasSubstr;
using testing::Nlvr2Files;
using Indices = std::vector<std::uint32_t>;

class Nlvr2Test : public ::testing::Test {
 protected:
  const fs::path& root() const { return dir_.path(); }
  Nlvr2Options options(const std::string& split = "dev") const {
    Nlvr2Options options;
    options.root = root();
    options.split = split;
    return options;
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root() / name).parent_path());
    std::ofstream(root() / name) << text;
  }
  std::string open_error(const std::string& split = "dev") const {
    return error_of([&] { open_nlvr2(options(split)); });
  }

  testing::TempDir dir_;
  Nlvr2Files files_;
};

TEST_F(Nlvr2Test, GivesSamplesInFileOrderWithLeftThenRightImage) {
  files_.write(root() / "nlvr2/data/dev.json");
  files_.write_images(root() / "images/dev");
  const Nlvr2 data = open_nlvr2(options());
  EXPECT_EQ(data.split, "dev");
  ASSERT_EQ(data.samples.samples.size(), 4U);
  EXPECT_EQ(data.samples.samples[1].id, "dev-7-0-1");
  EXPECT_EQ(data.samples.samples[1].text, "One is a cat.");
  EXPECT_EQ(data.samples.samples[0].images, (Indices{0, 1}));
  EXPECT_EQ(data.samples.samples[1].images, (Indices{0, 1}));
  EXPECT_EQ(data.samples.samples[2].images, (Indices{2, 3}));
  EXPECT_EQ(data.samples.samples[3].images, (Indices{4, 5}));
  ASSERT_EQ(data.samples.images.size(), 6U);
  EXPECT_EQ(data.samples.images[0].id, "dev-7-0-img0");
  EXPECT_EQ(data.samples.images[1].path, (root() / "images/dev/dev-7-0-img1.png").string());
  EXPECT_EQ(data.labels.labels, (std::vector<std::optional<bool>>{true, false, false, true}));
  EXPECT_EQ(data.labels.group_of_example, (Indices{0, 1, 0, 2}));
  EXPECT_EQ(data.labels.num_groups, 3U);
  EXPECT_TRUE(data.labels.subsets.empty());
  EXPECT_EQ(data.unlabelled, 0U);
  ASSERT_EQ(data.files.size(), 1U);
  EXPECT_EQ(data.files[0].role, "annotations");
  EXPECT_EQ(data.files[0].sha256, sha256_file(data.files[0].path));
}

TEST_F(Nlvr2Test, FindsTheDocumentedTrees) {
  const struct {
    const char* json;
    const char* images;
    const char* root;
  } trees[] = {{"nlvr2/data", "images/dev", "."},     // a clone of lil-lab/nlvr with the images in it
               {"nlvr2/data", "dev", "."},            // ViLT's and METER's DATA.md
               {"nlvr/nlvr2/data", "nlvr/dev", "."},  // BridgeTower's setup.sh, from dataset/
               {"nlvr/nlvr2/data", "nlvr/dev", "nlvr"},
               {".", "images/dev", "."},
               {"data", "dev", "."},
               {"nlvr2", "nlvr2/images/dev", "."}};
  for (const auto& tree : trees) {
    const testing::TempDir dir;
    files_.write(dir.path() / tree.json / "dev.json");
    files_.write_images(dir.path() / tree.images);
    Nlvr2Options options;
    options.root = dir.path() / tree.root;
    const Nlvr2 data = open_nlvr2(options);
    EXPECT_TRUE(missing_images(data.samples).empty()) << tree.json << " " << tree.images;
  }
}

TEST_F(Nlvr2Test, PrefersTheFolderThatHasTheImages) {
  // A clone of the repository has nlvr/dev/ of the older NLVR.
  files_.write(root() / "nlvr2/data/dev.json");
  fs::create_directories(root() / "dev");
  files_.write_images(root() / "nlvr2/dev", ".jpg");
  EXPECT_TRUE(missing_images(open_nlvr2(options()).samples).empty());
  fs::remove_all(root() / "nlvr2/dev");
  EXPECT_EQ(missing_images(open_nlvr2(options()).samples).size(), 6U);
  fs::remove_all(root() / "dev");
  EXPECT_THAT(open_error(),
              ::testing::AllOf(HasSubstr("dev.json: identifier dev-7-0-0: there is no image folder dev/"),
                               HasSubstr((root() / "images/dev").string())));
}

TEST_F(Nlvr2Test, TrainImagesLieInNumberedFolders) {
  Nlvr2Files train("train");
  for (std::size_t i = 0; i < train.records.size(); ++i) train.records[i]["directory"] = i < 2 ? 37 : 4;
  train.write(root() / "nlvr2/data/train.json");
  train.write_images(root() / "images/train");
  const Nlvr2 data = open_nlvr2(options("train"));
  EXPECT_TRUE(missing_images(data.samples).empty());
  EXPECT_EQ(data.samples.images[0].path, (root() / "images/train/37/train-7-0-img0.png").string());
  for (const char* bad : {"../37", "", "a"}) {
    train.records[1]["directory"] = bad;
    train.write(root() / "nlvr2/data/train.json");
    EXPECT_THAT(open_error("train"), HasSubstr("\"directory\" is a part of image paths and must be a number"))
        << bad;
  }
}

TEST_F(Nlvr2Test, SplitsHaveSeveralNames) {
  for (const auto& [name, file] : {std::pair{"val", "dev"},
                                   {"dev", "dev"},
                                   {"test", "test1"},
                                   {"test-P", "test1"},
                                   {"test-U", "test2"},
                                   {"mine", "mine"}}) {
    EXPECT_EQ(nlvr2_split(name), file);
    Nlvr2Files("dev").write(root() / "nlvr2/data" / (std::string(file) + ".json"));
    Nlvr2Options with_name = options(name);
    with_name.with_images = false;
    const Nlvr2 data = open_nlvr2(with_name);
    EXPECT_EQ(data.split, file);
    EXPECT_EQ(data.samples.images[0].path, "");
  }
  EXPECT_THAT(open_error("train"), HasSubstr("data: " + root().string() + ": has no train.json; looked in"));
  EXPECT_THAT(open_error("other"),
              HasSubstr("usage: " + root().string() +
                        ": has no split \"other\"; the splits found are: dev, mine, test1, test2"));
  EXPECT_THAT(open_error("../nlvr2/data/dev"), HasSubstr("usage: "));
  Nlvr2Options nowhere;
  nowhere.root = root() / "none";
  EXPECT_THAT(error_of([&] { open_nlvr2(nowhere); }), HasSubstr("the data folder does not exist"));
}

TEST_F(Nlvr2Test, FindsSubsetsBesideTheAnnotations) {
  files_.write(root() / "nlvr2/data/dev.json");
  Nlvr2Files subset = files_;
  subset.records = {files_.records[3], files_.records[1]};
  subset.write(root() / "nlvr2/data/balanced/balanced_dev.json");
  subset.records.resize(1);
  subset.write(root() / "nlvr2/data/unbalanced_dev.json");
  Nlvr2Options no_images = options();
  no_images.with_images = false;
  const Nlvr2 data = open_nlvr2(no_images);
  ASSERT_EQ(data.labels.subsets.size(), 2U);
  EXPECT_EQ(data.labels.subsets[0].name, "balanced");
  EXPECT_EQ(data.labels.subsets[0].samples, (Indices{3, 1}));
  EXPECT_EQ(data.labels.subsets[1].samples, Indices{3});
  ASSERT_EQ(data.files.size(), 3U);
  EXPECT_EQ(data.files[0].role, "annotations");
  EXPECT_EQ(data.files[2].role, "unbalanced");
  // An annotation file that is given stands alone.
  Nlvr2Options given;
  given.annotations = root() / "nlvr2/data/dev.json";
  given.with_images = false;
  EXPECT_TRUE(open_nlvr2(given).labels.subsets.empty());
  given.balanced = root() / "nlvr2/data/unbalanced_dev.json";
  EXPECT_EQ(open_nlvr2(given).labels.subsets[0].name, "balanced");
  // And a subset is a split, too.
  no_images.split = "balanced_dev";
  EXPECT_EQ(open_nlvr2(no_images).samples.samples.size(), 2U);
}

TEST_F(Nlvr2Test, SubsetsMustFitTheSplit) {
  files_.write(root() / "dev.json");
  files_.write_images(root() / "dev");
  Nlvr2Files subset = files_;
  subset.records.resize(2);
  subset.records[1]["label"] = "True";
  subset.write(root() / "balanced_dev.json");
  EXPECT_THAT(open_error(), HasSubstr("balanced_dev.json: identifier dev-7-0-1: has another label than in "));
  subset.records[1]["label"] = "False";
  subset.records[1]["identifier"] = "dev-7-1-1";
  subset.write(root() / "balanced_dev.json");
  EXPECT_THAT(open_error(), HasSubstr("balanced_dev.json: identifier dev-7-1-1: is not in "));
  subset.records[1] = subset.records[0];
  subset.write(root() / "balanced_dev.json");
  EXPECT_THAT(open_error(), HasSubstr("balanced_dev.json: identifier dev-7-0-0: stands twice"));
}

TEST_F(Nlvr2Test, LabelsMayBeHidden) {
  files_.records[0].erase("label");
  files_.records[1]["label"] = nullptr;
  files_.records[2]["label"] = "false";
  files_.write(root() / "test2.json");
  files_.write_images(root() / "dev");
  const Nlvr2 data = open_nlvr2(options("test-U"));
  EXPECT_EQ(data.unlabelled, 2U);
  EXPECT_EQ(data.labels.labels, (std::vector<std::optional<bool>>{std::nullopt, std::nullopt, false, true}));
}

TEST_F(Nlvr2Test, TakesExplicitPaths) {
  files_.write(root() / "a/mine.json");
  files_.write_images(root() / "b/dev");
  Nlvr2Options given;
  given.annotations = root() / "a/mine.json";
  for (const char* images : {"b", "b/dev"}) {
    given.images = root() / images;
    const Nlvr2 data = open_nlvr2(given);
    EXPECT_EQ(data.split, "mine");
    EXPECT_TRUE(missing_images(data.samples).empty()) << images;
  }
  given.images = root() / "none";
  EXPECT_THAT(error_of([&] { open_nlvr2(given); }), HasSubstr("does not exist"));
}

TEST_F(Nlvr2Test, ReadsCategories) {
  files_.write(root() / "dev.json");
  files_.write_images(root() / "dev");
  Nlvr2Options with = options();
  with.categories = root() / "categories.csv";
  write("categories.csv",
        "dev-7-0-0,negation\ndev-8-0-0,cardinality, hard\n\ndev-7-2-0, negation\ndev-9-9-9,other\n");
  const Nlvr2 data = open_nlvr2(with);
  ASSERT_EQ(data.labels.categories.size(), 2U);
  EXPECT_EQ(data.labels.categories[0].name, "cardinality, hard");
  EXPECT_EQ(data.labels.categories[1].name, "negation");
  EXPECT_EQ(data.labels.categories[1].samples, (Indices{0, 2}));
  EXPECT_EQ(data.unknown_categories, 1U);
  write("categories.csv", R"([{"identifier": "dev-7-0-0", "category": ["negation", "coreference"]}])");
  EXPECT_EQ(open_nlvr2(with).labels.categories.size(), 2U);
  const std::pair<const char*, const char*> cases[] = {
      {"dev-9-9-9,other\n", "has no category for any example of "},
      {"dev-7-0-0 negation\n", "line 1: at byte 0: expected identifier,category"},
      {"\ndev-7-0,negation\n", "line 2: at byte 1: the identifier \"dev-7-0\" has not the form"},
      {"dev-7-0-0, \n", "the category of dev-7-0-0 is empty"},
      {"dev-7-0-0,a\ndev-7-0-0,a\n", "line 2: at byte 12: dev-7-0-0 has the category \"a\" twice"},
      {"{\"identifier\": \"dev-7-0-0\"}",
       "line 1, identifier dev-7-0-0: at byte 27: the record that ends here has no \"category\""},
      {"", "the file is empty"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer"}};
  for (const auto& [text, message] : cases) {
    write("categories.csv", text);
    EXPECT_THAT(error_of([&] { open_nlvr2(with); }), HasSubstr(message)) << text;
  }
}

TEST_F(Nlvr2Test, BadRecordsAreErrorsWithLineIdentifierAndOffset) {
  const std::string good = files_.lines();
  const std::string at = std::to_string(good.size());
  const std::pair<std::string, std::string> cases[] = {
      {R"({"identifier": "dev-7-0-0", "sentence": "x", "label": "True"})",
       "dev.json: identifier dev-7-0-0: stands twice: record 0 and record 4"},
      {R"({"identifier": "dev-7-0", "sentence": "x", "label": "True"})",
       "dev.json: line 5: at byte " + std::to_string(good.size() + 15) +
           ": the identifier \"dev-7-0\" has not the form split-set-pair-sentence"},
      {R"({"identifier": "../7-0-0", "sentence": "x", "label": "True"})",
       "the identifier \"../7-0-0\" has not the form"},
      {R"({"identifier": "dev-9-0-0", "sentence": "x", "label": "yes"})",
       "dev.json: line 5, identifier dev-9-0-0: at byte " + std::to_string(good.size() + 54) +
           ": the label is neither True nor False: \"yes\""},
      {R"({"identifier": "dev-9-0-0", "sentence": "x", "label": true})", "expected a string, found 'true}'"},
      {R"({"identifier": "dev-9-0-0", "sentence": " ", "label": "True"})",
       "the sentence of the record that ends here is empty"},
      {R"({"identifier": "dev-9-0-0", "label": "True"})", "has no \"sentence\""},
      {R"({"sentence": "x", "label": "True"})", "line 5: at byte " + std::to_string(good.size() + 34) +
                                                    ": the record that ends here has no \"identifier\""},
      {R"({"identifier": "dev-9-0-0", "sentence": "x")", "ends where ',' or '}' should stand"},
      {"garbage", "line 5: is not JSON; it starts with 'garbage'"}};
  files_.write_images(root() / "dev");
  for (const auto& [line, message] : cases) {
    write("dev.json", good + line + "\n");
    EXPECT_THAT(open_error(), HasSubstr(message)) << line;
  }
  const std::pair<const char*, const char*> files[] = {
      {"", "dev.json: the file is empty"},
      {"\n \n", "dev.json: the file holds nothing but white space"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "dev.json: is a Git LFS pointer"},
      {"It is too large", "dev.json: is not JSON; it starts with 'It is too large'"},
      {"[]", "dev.json: has no examples"}};
  for (const auto& [text, message] : files) {
    write("dev.json", text);
    EXPECT_THAT(open_error(), HasSubstr(message)) << text;
  }
}

TEST(Nlvr2Identifier, HasFourFields) {
  const auto identifier = parse_nlvr2_identifier("test1-12-3-1");
  ASSERT_TRUE(identifier.has_value());
  EXPECT_EQ(identifier->split, "test1");
  EXPECT_EQ(identifier->group(), "test1-12--1");
  EXPECT_EQ(identifier->image_name(1), "test1-12-3-img1");
  for (const char* bad : {"", "dev", "dev-1-2", "dev-1-2-3-4", "-1-2-3", "dev--2-3", "dev-1-2-", "dev-1-2-x",
                          "d/v-1-2-3", "..-1-2-3", "dev-1-2-3 "}) {
    EXPECT_FALSE(parse_nlvr2_identifier(bad)) << bad;
  }
}

TEST(Nlvr2RealData, DevHasTheKnownCounts) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  Nlvr2Options options;
  options.root = data / "nlvr2";
  options.with_images = false;
  const Nlvr2 dev = open_nlvr2(options);
  EXPECT_EQ(dev.samples.samples.size(), 6982U);
  EXPECT_EQ(dev.labels.num_groups, 2018U);
  ASSERT_EQ(dev.labels.subsets.size(), 2U);
  EXPECT_EQ(dev.labels.subsets[0].samples.size(), 2300U);
  EXPECT_EQ(dev.labels.subsets[1].samples.size(), 3562U);
}

}  // namespace
}  // namespace bteval::datasets
