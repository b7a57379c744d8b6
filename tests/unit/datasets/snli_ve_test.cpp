#include "datasets/snli_ve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/hash.h"
#include "datasets/image_check.h"
#include "datasets/snli_ve_predictions.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;
using records::SnliVeClass;
using testing::error_of;
using ::testing::HasSubstr;

class SnliVeTest : public ::testing::Test {
 protected:
  SnliVeTest() {
    add("7.jpg#0r1c", "7", "A cat.", "contradiction");
    add("7.jpg#0r1n", "7", " A dog \n", "neutral");
    add("9.jpg#0r1e", "9", "A cat.", "entailment");
  }
  void add(const std::string& pair_id, const std::string& image, const std::string& hypothesis,
           const std::string& label) {
    records_.push_back({{"Flickr30K_ID", image},
                        {"annotator_labels", {label}},
                        {"captionID", image + ".jpg#0"},
                        {"gold_label", label},
                        {"pairID", pair_id},
                        {"sentence1", "A premise."},
                        {"sentence2", hypothesis}});
  }
  std::string lines() const {
    std::string out;
    for (const OrderedJson& record : records_) out += record.dump() + "\n";
    return out;
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root() / name).parent_path());
    std::ofstream(root() / name) << text;
  }
  void write_images(const std::string& folder = "flickr30k-images") const {
    for (const char* id : {"7", "9"}) write(folder + "/" + id + ".jpg", "");
  }
  const fs::path& root() const { return dir_.path(); }
  SnliVeOptions options(const std::string& split = "dev") const {
    SnliVeOptions options;
    options.root = root();
    options.split = split;
    return options;
  }
  SnliVe open(const std::string& split = "dev") const { return open_snli_ve(options(split)); }
  std::string open_error(const std::string& split = "dev") const {
    return error_of([&] { open(split); });
  }

  testing::TempDir dir_;
  std::vector<OrderedJson> records_;
};

TEST_F(SnliVeTest, GivesSamplesInFileOrderWithEachImageOnce) {
  write("snli_ve_dev.jsonl", lines());
  write_images();
  const SnliVe data = open("val");
  EXPECT_EQ(data.split, "dev");
  ASSERT_EQ(data.samples.samples.size(), 3U);
  EXPECT_EQ(data.samples.samples[1].id, "7.jpg#0r1n");
  EXPECT_EQ(data.samples.samples[1].text, "A dog");
  EXPECT_EQ(data.samples.samples[1].images, std::vector<std::uint32_t>{0});
  EXPECT_EQ(data.samples.samples[2].images, std::vector<std::uint32_t>{1});
  EXPECT_EQ(data.samples.images[1].id, "9");
  EXPECT_EQ(data.samples.images[1].path, (root() / "flickr30k-images/9.jpg").string());
  EXPECT_EQ(data.labels, (std::vector<std::optional<SnliVeClass>>{
                             SnliVeClass::kContradiction, SnliVeClass::kNeutral, SnliVeClass::kEntailment}));
  EXPECT_TRUE(data.has_pair_ids);
  EXPECT_EQ(data.repeated_pairs, 0U);
  ASSERT_EQ(data.files.size(), 1U);
  EXPECT_EQ(data.files[0].sha256, sha256_file(data.files[0].path));
}

TEST_F(SnliVeTest, FindsTheDocumentedTrees) {
  const std::pair<const char*, const char*> trees[] = {
      {".", "flickr30k-images"},
      {"snli_ve", "flickr30k-images"},  // BridgeTower's setup.sh, in mscoco_flickr30k_vqav2_snli_ve/
      {"mscoco_flickr30k_vqav2_snli_ve/snli_ve", "mscoco_flickr30k_vqav2_snli_ve/flickr30k-images"},
      {"data", "data/images/flickr30k_images"},  // necla-ml/SNLI-VE
      {"annotations", "flickr30k/flickr30k-images"},
      {".", "images"}};
  for (const auto& [json, images] : trees) {
    const testing::TempDir dir;
    fs::create_directories(dir.path() / json);
    std::ofstream(dir.path() / json / "snli_ve_test.jsonl") << lines();
    fs::create_directories(dir.path() / images);
    for (const char* id : {"7", "9"}) std::ofstream(dir.path() / images / (std::string(id) + ".jpg")) << "";
    SnliVeOptions options;
    options.root = dir.path();
    options.split = "test";
    EXPECT_TRUE(missing_images(open_snli_ve(options).samples).empty()) << json << " " << images;
  }
}

TEST_F(SnliVeTest, SaysWhereItLooked) {
  EXPECT_THAT(open_error(), HasSubstr("data: " + root().string() + ": has no snli_ve_dev.jsonl; looked in"));
  write("snli_ve_dev.jsonl", lines());
  EXPECT_THAT(open_error("mine"),
              HasSubstr("usage: " + root().string() + ": has no split \"mine\"; the splits found are: dev;"));
  EXPECT_THAT(open_error(), HasSubstr("snli_ve_dev.jsonl: there is no image folder flickr30k-images/"));
  write("mine.jsonl", lines());
  write_images("elsewhere");
  SnliVeOptions with = options("mine");
  with.images = root() / "elsewhere";
  EXPECT_TRUE(missing_images(open_snli_ve(with).samples).empty());
  with.images = root() / "none";
  EXPECT_THAT(error_of([&] { open_snli_ve(with); }), HasSubstr("does not exist"));
  SnliVeOptions given;
  given.annotations = root() / "snli_ve_dev.jsonl";
  given.with_images = false;
  EXPECT_EQ(open_snli_ve(given).split, "dev");
}

TEST_F(SnliVeTest, AllSpellingsOfTheImageIdAreRead) {
  records_[0].erase("Flickr30K_ID");
  records_[0]["Flickr30kID"] = "7";
  records_[1].erase("Flickr30K_ID");
  records_[1]["Flikr30kID"] = 7;
  records_[2]["Flikr30kID"] = "9";
  write("snli_ve_dev.jsonl", lines());
  write_images();
  EXPECT_EQ(open().samples.images.size(), 2U);
  records_[2]["Flikr30kID"] = "8";
  write("snli_ve_dev.jsonl", lines());
  EXPECT_THAT(open_error(), HasSubstr("line 3, pairID 9.jpg#0r1e: at byte "));
  EXPECT_THAT(open_error(), HasSubstr("Flikr30kID says image 8, but another member image 9"));
}

TEST_F(SnliVeTest, RowsWithoutGoldLabelAreCounted) {
  records_[0]["gold_label"] = "-";
  records_[1].erase("gold_label");
  write("snli_ve_dev.jsonl", lines());
  write_images();
  const SnliVe data = open();
  EXPECT_EQ(data.unlabelled, 2U);
  EXPECT_EQ(data.labels[0], std::nullopt);
  EXPECT_EQ(data.labels[2], SnliVeClass::kEntailment);
}

TEST_F(SnliVeTest, RepeatedPairsAndConflictsAreCounted) {
  add("7.jpg#1r1c", "7", "A cat.", "contradiction");
  add("7.jpg#2r1e", "7", "A cat. ", "entailment");
  add("9.jpg#1r1e", "9", "A cat.", "entailment");
  add("9.jpg#2r1e", "9", "A cat.", "-");
  write("snli_ve_dev.jsonl", lines());
  write_images();
  const SnliVe data = open();
  EXPECT_EQ(data.repeated_pairs, 2U);
  EXPECT_EQ(data.conflicting_pairs, 1U);
}

TEST_F(SnliVeTest, WithoutPairIdsRowsAreNumbered) {
  for (OrderedJson& record : records_) record.erase("pairID");
  write("snli_ve_dev.jsonl", lines());
  write_images();
  const SnliVe data = open();
  EXPECT_FALSE(data.has_pair_ids);
  EXPECT_EQ(data.samples.samples[2].id, "row-3");
  records_[1]["pairID"] = "x";
  write("snli_ve_dev.jsonl", lines());
  EXPECT_THAT(open_error(), HasSubstr("line 2, pairID x: "));
  EXPECT_THAT(open_error(), HasSubstr("some records have a pairID, others none"));
}

TEST_F(SnliVeTest, BadRecordsAreErrorsWithLineIdAndOffset) {
  const std::string good = lines();
  write_images();
  const std::pair<std::string, std::string> cases[] = {
      {R"({"Flickr30K_ID": "7", "gold_label": "neutral", "pairID": "7.jpg#0r1c", "sentence2": "x"})",
       "snli_ve_dev.jsonl: pairID 7.jpg#0r1c: stands twice: record 0 and record 3"},
      {R"({"pairID": "1", "Flickr30K_ID": "../7", "gold_label": "neutral", "sentence2": "x"})",
       "snli_ve_dev.jsonl: line 4, pairID 1: at byte " + std::to_string(good.size() + 32) +
           ": the image id \"../7\" is no plain name"},
      {R"({"pairID": "1", "Flickr30K_ID": "", "gold_label": "neutral", "sentence2": "x"})",
       "is no plain name"},
      {R"({"pairID": "1", "Flickr30K_ID": "7", "gold_label": "maybe", "sentence2": "x"})",
       "the gold_label is none of contradiction, neutral, entailment: \"maybe\""},
      {R"({"pairID": "1", "gold_label": "neutral", "sentence2": "x"})", "has no \"Flickr30K_ID\""},
      {R"({"pairID": "1", "Flickr30K_ID": "7", "gold_label": "neutral"})", "has no \"sentence2\""},
      {R"({"pairID": "1", "Flickr30K_ID": "7", "sentence2": " "})",
       "the sentence2 of the record that ends here is empty"},
      {R"({"pairID": 1})",
       "line 4: at byte " + std::to_string(good.size() + 11) + ": expected a string, found '1}'"},
      {R"({"pairID": "1")", "line 4, pairID 1: "}};
  for (const auto& [line, message] : cases) {
    write("snli_ve_dev.jsonl", good + line + "\n");
    EXPECT_THAT(open_error(), HasSubstr(message)) << line;
  }
  write("snli_ve_dev.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  EXPECT_THAT(open_error(), HasSubstr("is a Git LFS pointer"));
}

TEST(SnliVePredictionFile, IsLinesOrAList) {
  const auto read = [](const std::string& text) {
    return read_snli_ve_predictions(*Bytes::from_memory("p.jsonl", text));
  };
  const SnliVePredictionFile lines =
      read("{\"pairID\": \"a\", \"prediction\": \"neutral\"}\n\n{\"pairID\": \"b\", \"prediction\": null}\n");
  ASSERT_EQ(lines.predictions.size(), 1U);
  EXPECT_EQ(lines.predictions[0].prediction, SnliVeClass::kNeutral);
  EXPECT_EQ(lines.refused, 1U);
  EXPECT_EQ(read(R"([{"pairID": "a", "prediction": "entailment"}])").predictions.size(), 1U);
  EXPECT_THAT(error_of([&] { read(R"({"pairID": "a", "prediction": "Neutral"})"); }),
              HasSubstr("p.jsonl: line 1, pairID a: at byte 30: the prediction is none of contradiction, "
                        "neutral, entailment: \"Neutral\""));
  EXPECT_THAT(error_of([&] { read(R"([{"prediction": "neutral"}])"); }), HasSubstr("record 0: at byte 26: "));
}

TEST(SnliVePredictionFile, MustFitThePairs) {
  records::SampleSet samples;
  for (const char* id : {"a", "b"}) samples.samples.push_back({id, "x", {}});
  const auto align = [&](const std::vector<std::string>& ids, bool partial) {
    SnliVePredictionFile file;
    for (const std::string& id : ids) file.predictions.push_back({id, SnliVeClass::kNeutral});
    return align_snli_ve_predictions(samples, file, "p", partial);
  };
  EXPECT_EQ(align({"b", "a"}, false).prediction_of_sample, (std::vector<std::optional<std::uint32_t>>{1, 0}));
  EXPECT_THAT(
      error_of([&] {
        align({"b", "c"}, false);
      }),
      HasSubstr(
          "p: 1 of 2 pairs have no prediction (pairID a); 1 predictions are for unknown pairs (pairID c)"));
  EXPECT_EQ(align({"b", "c"}, true).unknown, 1U);
  EXPECT_THAT(error_of([&] { align({"b", "b"}, true); }), HasSubstr("p: pairID b: stands twice"));
}

TEST(SnliVeRealData, ReadsThePublishedForms) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  SnliVeOptions options;
  options.with_images = false;
  options.annotations = data / "snli_ve/snli_ve_test.from_esnlive.jsonl";
  const SnliVe six_fields = open_snli_ve(options);
  EXPECT_EQ(six_fields.samples.samples.size(), 14740U);
  EXPECT_EQ(six_fields.repeated_pairs, 23U);
  EXPECT_EQ(six_fields.conflicting_pairs, 0U);
  EXPECT_EQ(six_fields.unlabelled, 0U);
  options.annotations = data / "snli_ve/allennlp_sample_pairs.jsonl";
  EXPECT_EQ(open_snli_ve(options).samples.samples.size(), 16U);
}

}  // namespace
}  // namespace bteval::datasets
