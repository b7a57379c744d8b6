// What assets/mini/README.md says about the mini suite's data.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "datasets/image_check.h"
#include "datasets/vqa_vocabulary.h"
#include "datasets/vqav2.h"
#include "metrics/vqa_normalise.h"
#include "metrics/vqa_scorer.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

std::filesystem::path mini() { return testing::source_dir() / "assets/mini"; }

datasets::Vqav2 open_mini(const std::string& split, bool with_images) {
  datasets::Vqav2Options options;
  options.root = mini() / "vqav2";
  options.split = split;
  options.with_images = with_images;
  return datasets::open_vqav2(options);
}

TEST(MiniSuiteData, VocabularyIsWhatTheTrainingAnnotationsGive) {
  const datasets::Vqav2 train = open_mini("minitrain", false);
  datasets::VocabularyBuilder builder(metrics::normalise_vqa_answer);
  builder.add(*train.sheet.annotations);
  const auto list = datasets::AnswerVocabulary::read(mini() / "checkpoints/vqav2/vocabulary.json");
  EXPECT_EQ(builder.build().answers(), list.answers());
}

TEST(MiniSuiteData, TestImagesAreThereAndNotInTraining) {
  const datasets::Vqav2 test = open_mini("minitest", true);
  EXPECT_EQ(test.samples.images.size(), 300U);
  EXPECT_NO_THROW(datasets::require_images(test.samples));
  std::set<std::string> trained;
  for (const records::ImageRef& image : open_mini("minitrain", false).samples.images)
    trained.insert(image.id);
  for (const records::ImageRef& image : test.samples.images)
    EXPECT_FALSE(trained.contains(image.id)) << image.id;
}

TEST(MiniSuiteData, NoSingleAnswerScoresWell) {
  const datasets::Vqav2 test = open_mini("minitest", false);
  const records::VqaAnnotations& annotations = *test.sheet.annotations;
  const metrics::VqaScorer scorer(annotations, metrics::VqaVariant::kOfficial2021);
  const auto list = datasets::AnswerVocabulary::read(mini() / "checkpoints/vqav2/vocabulary.json");
  for (const std::string& answer : list.answers()) {
    double sum = 0;
    for (std::size_t i = 0; i < annotations.annotations.size(); ++i) sum += *scorer.score(i, answer);
    EXPECT_LT(sum / static_cast<double>(annotations.annotations.size()), 0.2) << answer;
  }
}

TEST(MiniSuiteData, PeopleDisagree) {
  const datasets::Vqav2 test = open_mini("minitest", false);
  const records::VqaAnnotations& annotations = *test.sheet.annotations;
  const metrics::VqaScorer scorer(annotations, metrics::VqaVariant::kOfficial2021);
  std::size_t between = 0;
  for (std::size_t i = 0; i < annotations.annotations.size(); ++i) {
    const records::VqaAnnotation& annotation = annotations.annotations[i];
    const std::string best =
        metrics::normalise_vqa_answer(annotations.strings.text(annotation.multiple_choice_answer));
    const double score = *scorer.score(i, best);
    EXPECT_GE(score, 0.9 - 1e-9) << annotation.question_id;
    between += score < 1 - 1e-9 ? 1 : 0;
  }
  EXPECT_GT(between, 20U);
}

}  // namespace
}  // namespace bteval
