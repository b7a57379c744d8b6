// `bteval score nlvr2` and `bteval score snli-ve` on real annotations: NLVR2 against the official scorer's
// numbers, SNLI-VE against an independent count.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>

#include "core/json.h"
#include "datasets/snli_ve.h"
#include "reports/snli_ve_predictions.h"
#include "support/test_paths.h"
#include "tasks/score_nlvr2.h"
#include "tasks/score_snli_ve.h"

namespace bteval::app {
namespace {

ScoreResult score_dev(const std::filesystem::path& data, const std::string& set,
                      const std::string& annotations = "dev.json") {
  ScoreNlvr2Options options;
  options.annotations = data / "nlvr2" / annotations;
  if (annotations == "dev.json") {
    options.balanced = data / "nlvr2/balanced_dev.json";
    options.unbalanced = data / "nlvr2/unbalanced_dev.json";
  }
  options.predictions = data / "nlvr2/golden" / (set + ".csv");
  return score_nlvr2(options);
}

// Expected values: python3 nlvr2/eval/metrics.py SET.csv dev.json of lil-lab/nlvr.
TEST(Nlvr2ScoreGolden, PrintsTheOfficialDigits) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  using Lines = std::vector<std::string>;
  EXPECT_EQ(official_nlvr2_lines(score_dev(data, "dev_true").score),
            (Lines{"precision=0.5085935262102549", "consistency=0.03865213082259663"}));
  EXPECT_EQ(official_nlvr2_lines(score_dev(data, "dev_mixed").score),
            (Lines{"precision=0.8570610140360928", "consistency=0.5054509415262636"}));
}

TEST(Nlvr2ScoreGolden, SubsetsAreTheirFilesScoredAlone) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const OrderedJson groups = to_json(score_dev(data, "dev_mixed")).at("score").at("groups");
  const OrderedJson& subsets = groups.at("accuracy of subsets");
  EXPECT_EQ(subsets.at("balanced").at("unrounded"), 86.34782608695653);
  EXPECT_EQ(subsets.at("unbalanced").at("unrounded"), 85.28916339135317);
  for (const std::string kind : {"balanced", "unbalanced"}) {
    // Predictions for the rest of dev are ignored, as the official scorer does.
    const ScoreResult alone = score_dev(data, "dev_mixed", kind + "_dev.json");
    EXPECT_EQ(alone.score.overall.value, subsets.at(kind).at("unrounded").get<double>());
    EXPECT_EQ(alone.score.groups[0].values[0].value,
              groups.at("consistency").at(kind).at("unrounded").get<double>());
    EXPECT_EQ(alone.counts.at("unknown"), 6982 - alone.score.overall.count);
  }
}

// Every fifth prediction is the next class; the expected numbers are counted here in another way.
TEST(SnliVeScoreGolden, AgreesWithAPlainCount) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const testing::TempDir dir;
  datasets::SnliVeOptions open;
  open.annotations = data / "snli_ve/snli_ve_test.from_esnlive.jsonl";
  open.with_images = false;
  const datasets::SnliVe test = datasets::open_snli_ve(open);
  std::vector<records::SnliVePrediction> predictions;
  std::map<int, std::map<int, std::int64_t>> counts;
  for (std::size_t i = 0; i < test.labels.size(); ++i) {
    const int gold = static_cast<int>(test.labels[i].value());
    const int predicted = i % 5 == 0 ? (gold + 1) % 3 : gold;
    predictions.push_back({test.samples.samples[i].id, static_cast<records::SnliVeClass>(predicted)});
    ++counts[gold][predicted];
  }
  std::ofstream(dir.path() / "p.jsonl") << reports::snli_ve_predictions(predictions);
  ScoreSnliVeOptions options;
  options.annotations = open.annotations;
  options.predictions = dir.path() / "p.jsonl";
  const ScoreResult result = score_snli_ve(options);
  EXPECT_EQ(result.score.overall.correct, 14740 - 2948);
  double macro = 0;
  for (int i = 0; i < 3; ++i) {
    std::int64_t gold = 0, predicted = 0;
    for (int j = 0; j < 3; ++j) {
      EXPECT_EQ(result.score.matrices.at(0).counts.at(static_cast<std::size_t>(3 * i + j)), counts[i][j]);
      gold += counts[i][j];
      predicted += counts[j][i];
    }
    const double precision = static_cast<double>(counts[i][i]) / static_cast<double>(predicted);
    const double recall = static_cast<double>(counts[i][i]) / static_cast<double>(gold);
    macro += 100 * 2 * precision * recall / (precision + recall) / 3;
  }
  EXPECT_NEAR(result.score.groups.at(3).values.at(0).value, macro, 1e-9);
  EXPECT_EQ(result.counts.at("repeated_pairs"), 23);
}

}  // namespace
}  // namespace bteval::app
