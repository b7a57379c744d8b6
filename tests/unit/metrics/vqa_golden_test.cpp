// The official scorer's own output on real annotations: per question, per type and overall.
#include <gtest/gtest.h>

#include "core/json.h"
#include "core/rounding.h"
#include "metrics/vqa_accuracy.h"
#include "metrics/vqa_scorer.h"
#include "support/test_paths.h"

namespace bteval::metrics {
namespace {

records::VqaAnnotations load(const std::filesystem::path& path) {
  records::VqaAnnotations out;
  const Json file = read_json(path);
  for (const Json& record : file.at("annotations")) {
    const auto text = [&](const char* key) { return out.strings.intern(record.at(key).get<std::string>()); };
    records::VqaAnnotation annotation;
    annotation.question_id = record.at("question_id").get<std::int64_t>();
    annotation.question_type = text("question_type");
    annotation.answer_type = text("answer_type");
    annotation.first_answer = static_cast<std::uint32_t>(out.answers.size());
    annotation.answer_count = static_cast<std::uint32_t>(record.at("answers").size());
    for (const Json& answer : record.at("answers")) {
      out.answers.push_back({out.strings.intern(answer.at("answer").get<std::string>()),
                             out.strings.intern(answer.at("answer_confidence").get<std::string>()),
                             answer.at("answer_id").get<std::int32_t>()});
    }
    out.annotations.push_back(annotation);
  }
  return out;
}

void expect_group(const records::ScoreGroup& group, const Json& expected) {
  ASSERT_EQ(group.values.size(), expected.size());
  for (const records::ScoreValue& value : group.values) {
    EXPECT_EQ(round_decimals(value.value, 2), expected.at(value.name).get<double>()) << value.name;
  }
}

TEST(VqaGolden, OfficialScoresOfThreePredictionSetsAreEqual) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const auto annotations = load(data / "vqa/vqav2_subset/v2_mscoco_train2014_valid8977_annotations.json");
  const VqaScorer scorer(annotations, VqaVariant::kOfficial2021);
  for (const std::string set : {"human3", "noisy", "prior"}) {
    SCOPED_TRACE(set);
    const std::string stem = "vqa/golden/v2_OpenEnded_mscoco_train2014_valid8977_" + set;
    std::unordered_map<std::int64_t, std::string> predictions;
    const Json results = read_json(data / (stem + "_results.json"));
    for (const Json& record : results) {
      predictions[record.at("question_id").get<std::int64_t>()] = record.at("answer").get<std::string>();
    }
    const Json per_question = read_json(data / (stem + "_evalQA.json"));
    ASSERT_EQ(per_question.size(), annotations.annotations.size());
    VqaAccuracy accuracy(annotations, VqaVariant::kOfficial2021);
    for (std::size_t i = 0; i < annotations.annotations.size(); ++i) {
      const std::int64_t id = annotations.annotations[i].question_id;
      const double score = scorer.score(i, predictions.at(id)).value();
      accuracy.add(i, score);
      ASSERT_EQ(round_decimals(100 * score, 2), per_question.at(std::to_string(id)).get<double>()) << id;
    }
    const records::Score score = accuracy.value();
    const Json expected = read_json(data / (stem + "_accuracy.json"));
    EXPECT_EQ(round_decimals(score.overall.value, 2), expected.at("overall").get<double>());
    expect_group(score.groups.at(0), expected.at("perAnswerType"));
    expect_group(score.groups.at(1), expected.at("perQuestionType"));
  }
}

}  // namespace
}  // namespace bteval::metrics
