// What assets/mini/README.md says about the data of NLVR2, SNLI-VE and retrieval.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "datasets/image_check.h"
#include "datasets/nlvr2.h"
#include "datasets/retrieval.h"
#include "datasets/snli_ve.h"
#include "support/mini_vqav2.h"

namespace bteval {
namespace {

using testing::mini_suite;

datasets::Nlvr2 open_nlvr2() {
  datasets::Nlvr2Options options;
  options.root = mini_suite() / "nlvr2";
  options.split = "dev";
  return datasets::open_nlvr2(options);
}

datasets::Retrieval open_retrieval(const std::string& dataset, const std::string& annotations = "") {
  datasets::RetrievalOptions options;
  options.dataset = dataset;
  options.root = mini_suite() / dataset;
  options.split = "test";
  if (!annotations.empty()) options.annotations = options.root / annotations;
  return datasets::open_retrieval(options);
}

TEST(MiniNlvr2, LabelsAreEvenAndEverySentenceHasBoth) {
  const datasets::Nlvr2 data = open_nlvr2();
  EXPECT_NO_THROW(datasets::require_images(data.samples));
  ASSERT_EQ(data.samples.samples.size(), 240U);
  EXPECT_EQ(data.samples.images.size(), 100U);
  EXPECT_EQ(data.labels.num_groups, 48U);
  std::vector<std::set<bool>> of_group(data.labels.num_groups);
  std::int64_t yes = 0;
  for (std::size_t i = 0; i < data.samples.samples.size(); ++i) {
    ASSERT_TRUE(data.labels.labels[i].has_value());
    yes += *data.labels.labels[i] ? 1 : 0;
    of_group[data.labels.group_of_example[i]].insert(*data.labels.labels[i]);
  }
  EXPECT_EQ(yes, 120);
  // Hence one answer for a whole sentence is never consistent.
  for (const auto& labels : of_group) EXPECT_EQ(labels.size(), 2U);
  ASSERT_EQ(data.labels.subsets.size(), 2U);
  EXPECT_EQ(data.labels.subsets[0].samples.size(), 164U);
  EXPECT_EQ(data.labels.subsets[1].samples.size(), 12U);
}

TEST(MiniNlvr2, MostImagesAreJpegUnderAPngName) {
  std::size_t png = 0;
  for (const records::ImageRef& image : open_nlvr2().samples.images) {
    EXPECT_TRUE(image.path.ends_with(".png")) << image.path;
    png += Bytes::map_file(image.path)->text().starts_with("\x89PNG") ? 1 : 0;
  }
  EXPECT_EQ(png, 4U);
}

TEST(MiniSnliVe, ClassesAreEvenAndNoConflictIsLeft) {
  datasets::SnliVeOptions options;
  options.root = mini_suite() / "snli_ve";
  options.split = "test";
  const datasets::SnliVe data = datasets::open_snli_ve(options);
  EXPECT_NO_THROW(datasets::require_images(data.samples));
  EXPECT_EQ(data.samples.images.size(), 100U);
  EXPECT_EQ(data.conflicting_pairs, 0U);
  EXPECT_GT(data.repeated_pairs, 0U);
  std::array<int, 3> count{};
  std::map<std::string, std::array<int, 3>> by_text;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    ASSERT_TRUE(data.labels[i].has_value());
    ++count[static_cast<std::size_t>(*data.labels[i])];
    ++by_text[data.samples.samples[i].text][static_cast<std::size_t>(*data.labels[i])];
  }
  EXPECT_EQ(count, (std::array<int, 3>{200, 200, 200}));
  // Hypotheses alone do not decide: the same words stand under several labels.
  EXPECT_GT(std::count_if(by_text.begin(), by_text.end(),
                          [](const auto& entry) {
                            return std::count(entry.second.begin(), entry.second.end(), 0) < 2;
                          }),
            50);
}

TEST(MiniRetrieval, CaptionsAreAsOddAsTheRealOnes) {
  const datasets::Retrieval flickr = open_retrieval("flickr30k"), coco = open_retrieval("coco");
  for (const datasets::Retrieval* data : {&flickr, &coco}) {
    EXPECT_NO_THROW(datasets::require_images(data->samples));
    EXPECT_EQ(data->counts.images, 100U);
    EXPECT_EQ(data->counts.min_captions_per_image, 5U);
    EXPECT_GT(data->counts.shared_texts, 3U) << data->dataset;
  }
  EXPECT_EQ(flickr.counts.captions, 500U);
  EXPECT_EQ(coco.counts.captions, 510U);
  EXPECT_EQ(coco.counts.max_captions_per_image, 6U);
  const auto holds = [&](const char* text) {
    return std::any_of(
        coco.samples.samples.begin(), coco.samples.samples.end(),
        [&](const records::Sample& sample) { return sample.text.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(holds("\n"));
  EXPECT_TRUE(holds("  "));
  EXPECT_TRUE(std::any_of(coco.samples.samples.begin(), coco.samples.samples.end(),
                          [](const records::Sample& sample) { return sample.text.ends_with(' '); }));
}

TEST(MiniRetrieval, BothFormsOfMscocoHaveTheSameCaptions) {
  const datasets::Retrieval karpathy = open_retrieval("coco");
  const datasets::Retrieval list = open_retrieval("coco", "coco_karpathy_test.json");
  EXPECT_EQ(karpathy.form, datasets::RetrievalForm::kKarpathy);
  EXPECT_EQ(list.form, datasets::RetrievalForm::kList);
  EXPECT_EQ(karpathy.captions_sha256, list.captions_sha256);
  ASSERT_EQ(karpathy.samples.images.size(), list.samples.images.size());
  for (std::size_t i = 0; i < karpathy.samples.images.size(); ++i)
    EXPECT_EQ(karpathy.samples.images[i].path, list.samples.images[i].path);
}

}  // namespace
}  // namespace bteval
