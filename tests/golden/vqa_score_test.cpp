// `bteval score vqav2` on real annotations against the official scorer's own files, and the vocabulary
// against an independent rebuild.
#include <gtest/gtest.h>

#include "core/json.h"
#include "core/rounding.h"
#include "datasets/vqa_json.h"
#include "datasets/vqa_vocabulary.h"
#include "metrics/vqa_normalise.h"
#include "support/test_paths.h"
#include "tasks/score_vqav2.h"

namespace bteval::app {
namespace {

ScoreVqav2Options options_for(const std::filesystem::path& data, const std::string& set) {
  ScoreVqav2Options options;
  options.questions = data / "vqa/vqav2_subset/v2_OpenEnded_mscoco_train2014_valid8977_questions.json";
  options.annotations = data / "vqa/vqav2_subset/v2_mscoco_train2014_valid8977_annotations.json";
  options.predictions =
      data / ("vqa/golden/v2_OpenEnded_mscoco_train2014_valid8977_" + set + "_results.json");
  return options;
}

TEST(VqaScoreGolden, TheOfficialFilesComeOutEqual) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  for (const std::string set : {"human3", "noisy", "prior"}) {
    SCOPED_TRACE(set);
    const std::string stem = "vqa/golden/v2_OpenEnded_mscoco_train2014_valid8977_" + set;
    const Vqav2ScoreResult result = score_vqav2(options_for(data, set));
    EXPECT_EQ(result.scored, 8977U);
    EXPECT_EQ(parse_json(per_question_json(result), "per question"),
              read_json(data / (stem + "_evalQA.json")));
    const Json expected = read_json(data / (stem + "_accuracy.json"));
    const OrderedJson score = to_json(result).at("score");
    EXPECT_EQ(score.at("overall").at("value"), expected.at("overall"));
    for (const auto& [ours, theirs] :
         {std::pair{"by answer type", "perAnswerType"}, std::pair{"by question type", "perQuestionType"}}) {
      const OrderedJson& group = score.at("groups").at(ours);
      ASSERT_EQ(group.size(), expected.at(theirs).size());
      for (const auto& [type, value] : expected.at(theirs).items()) {
        EXPECT_EQ(group.at(type).at("value"), value) << type;
      }
    }
  }
}

// Expected values: python3 tools/generate_vqa_golden.py --score ANNOTATIONS RESULTS VOCABULARY
TEST(VqaScoreGolden, TheOtherVariantsAgreeWithAnIndependentReading) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const struct {
    const char* set;
    double pre_2021;
    double label_score;
  } cases[] = {{"human3", 87.17, 83.48}, {"noisy", 96.37, 26.18}, {"prior", 32.79, 33.45}};
  for (const auto& c : cases) {
    ScoreVqav2Options options = options_for(data, c.set);
    options.scorer = "pre-2021";
    const Vqav2ScoreResult old = score_vqav2(options);
    EXPECT_EQ(round_decimals(old.score.overall.value, 2), c.pre_2021) << c.set;
    EXPECT_NE(old.signature.find("|scorer:pre-2021|n:8977|"), std::string::npos) << old.signature;
    options.scorer = "label-score";
    options.vocabulary = data / "vqa/answer_vocab/label2ans_first_appearance_3129.json";
    const Vqav2ScoreResult label = score_vqav2(options);
    EXPECT_EQ(round_decimals(label.score.overall.value, 2), c.label_score) << c.set;
    EXPECT_EQ(label.scored, 8778U);
    EXPECT_EQ(label.excluded, 8977U - 8778U);
    EXPECT_NE(label.signature.find("|vocabulary:"), std::string::npos) << label.signature;
  }
}

// Size and digest: python3 tools/generate_vqa_golden.py --vocabulary
// …/v2_mscoco_train2014_valid8977_annotations.json
TEST(VqaVocabularyGolden, RebuildEqualsAnIndependentOne) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const auto bytes =
      Bytes::map_file(data / "vqa/vqav2_subset/v2_mscoco_train2014_valid8977_annotations.json");
  datasets::VocabularyBuilder builder(metrics::normalise_vqa_answer);
  builder.add(datasets::read_vqa_annotations(*bytes).annotations);
  const datasets::AnswerVocabulary vocabulary = builder.build();
  EXPECT_EQ(vocabulary.size(), 71U);
  EXPECT_EQ(vocabulary.sha256(), "c3ffa1ad1980aed519dc1e760d1c124011779621c5a961340217f9e3d4a3c9a8");
}

}  // namespace
}  // namespace bteval::app
