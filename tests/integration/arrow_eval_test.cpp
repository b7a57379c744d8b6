// Evaluations on .arrow tables: the mini suite's data through tables gives the mini suite's predictions, and
// label-score from soft scores equals label-score from human answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "datasets/arrow_table.h"
#include "datasets/vqa_vocabulary.h"
#include "datasets/vqav2.h"
#include "metrics/vqa_accuracy.h"
#include "metrics/vqa_scorer.h"
#include "support/mini_vqav2.h"
#include "support/test_paths.h"
#include "tasks/eval.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

#define REQUIRE_ARROW() \
  if (!datasets::ArrowTable::supported()) GTEST_SKIP() << "built without Apache Arrow"

datasets::Vqav2 open(bool arrow) {
  datasets::Vqav2Options options;
  options.root = testing::golden_data("arrow");
  options.arrow = arrow;
  return datasets::open_vqav2(options);
}

TEST(ArrowLabelScore, EqualsThatOfTheHumanAnswers) {
  REQUIRE_ARROW();
  const auto vocabulary = datasets::AnswerVocabulary::read(testing::golden_data("arrow") / "vocabulary.json");
  const datasets::Vqav2 json = open(false);
  const datasets::Vqav2 arrow = open(true);
  const auto scores = [&](const datasets::Vqav2& data, const std::string& answer) {
    const metrics::VqaScorer scorer(*data.sheet.annotations, metrics::VqaVariant::kLabelScore,
                                    vocabulary.answers());
    std::map<std::int64_t, double> out;
    for (std::size_t i = 0; i < data.sheet.question_ids.size(); ++i) {
      const auto score = scorer.score(data.sheet.annotation_of_question[i], answer);
      if (score) out[data.sheet.question_ids[i]] = *score;
    }
    return out;
  };
  for (const std::string& answer : vocabulary.answers()) {
    EXPECT_EQ(scores(arrow, answer), scores(json, answer)) << answer;
    EXPECT_EQ(scores(arrow, answer).size(), 6);
  }
}

// The fixture's images and questions, evaluated by the mini suite's VQAv2 model.
Json evaluate(const fs::path& out, const std::string& split, bool arrow, const std::string& scorer) {
  app::EvalOptions options;
  options.task = "vqav2";
  options.model = testing::mini_suite() / "checkpoints/vqav2";
  options.data = testing::golden_data("arrow");
  options.split = split;
  options.arrow = arrow;
  options.scorer = scorer;
  options.out = out;
  options.quiet = true;
  options.max_length = 24;  // the mini model has no more positions
  options.engine.threads = 1;
  options.engine.device = "cpu";
  app::evaluate(options);
  return read_json(out / "manifest.json");
}

std::map<std::int64_t, std::string> predictions(const fs::path& out) {
  std::map<std::int64_t, std::string> answers;
  const auto file = Bytes::map_file(out / "predictions.jsonl");
  std::string_view text = file->text();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const Json record = Json::parse(line);
    answers[record["question_id"]] = record["answer"];
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return answers;
}

TEST(ArrowEval, GivesThePredictionsOfTheImageFiles) {
  REQUIRE_ARROW();
  const testing::TempDir dir;
  evaluate(dir.path() / "json", "test", false, "official-2021");
  const Json manifest = evaluate(dir.path() / "arrow", "test", true, "official-2021");
  EXPECT_EQ(predictions(dir.path() / "arrow").size(), 8);
  EXPECT_EQ(predictions(dir.path() / "arrow"), predictions(dir.path() / "json"));
  EXPECT_THAT(manifest["inputs"].dump(), HasSubstr(R"("role":"table")"));
}

TEST(ArrowEval, ScoresWithLabelScoreAlone) {
  REQUIRE_ARROW();
  const testing::TempDir dir;
  evaluate(dir.path() / "official", "val", true, "official-2021");
  const Json official = read_json(dir.path() / "official/metrics.json");
  EXPECT_TRUE(official["score"].is_null());
  EXPECT_THAT(official["why_no_score"].get<std::string>(), HasSubstr("soft scores of labels"));
  evaluate(dir.path() / "label", "val", true, "label-score");
  const Json label = read_json(dir.path() / "label/metrics.json");
  EXPECT_EQ(label["score"]["scorer"], "label-score");
}

}  // namespace
}  // namespace bteval
