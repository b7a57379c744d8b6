#include "reports/score_json.h"

#include <gtest/gtest.h>

#include <limits>

namespace bteval::reports {
namespace {

records::Score example() {
  records::Score score{"VQA accuracy", "official-2021", {"overall", 73.20499, 4}, {}};
  score.groups.push_back({"by answer type", {{"yes/no", 50, 2}, {"other", 96.0 + 1.0 / 3, 2}}});
  score.groups.push_back({"by question type", {{"none", std::numeric_limits<double>::quiet_NaN(), 0}}});
  return score;
}

TEST(ScoreJson, HasRoundedAndUnroundedValuesInOrder) {
  EXPECT_EQ(score_to_json(example()).dump(),
            R"({"metric":"VQA accuracy","scorer":"official-2021",)"
            R"("overall":{"value":73.2,"unrounded":73.20499,"count":4},)"
            R"("groups":{"by answer type":{"yes/no":{"value":50.0,"unrounded":50.0,"count":2},)"
            R"("other":{"value":96.33,"unrounded":96.33333333333333,"count":2}},)"
            R"("by question type":{"none":{"value":null,"unrounded":null,"count":0}}}})");
}

TEST(ScoreJson, HasFractionsAndMatricesWhereTheMetricCounts) {
  records::Score score{"accuracy", "standard", {"overall", 100 * (2.0 / 3), 3, 2}, {}};
  score.matrices.push_back(
      {"confusion matrix", "gold", "predicted", {"a", "b"}, {"a", "b", "none"}, {1, 0, 0, 1, 1, 0}});
  EXPECT_EQ(
      score_to_json(score).dump(),
      R"({"metric":"accuracy","scorer":"standard",)"
      R"("overall":{"value":66.67,"unrounded":66.66666666666666,"count":3,"correct":2,"fraction":0.6666666666666666},)"
      R"("groups":{},"matrices":{"confusion matrix":{"row_title":"gold","column_title":"predicted",)"
      R"("rows":["a","b"],"columns":["a","b","none"],"counts":[[1,0,0],[1,1,0]]}}})");
  EXPECT_EQ(to_text(matrix_to_table(score.matrices[0])),
            "gold / predicted  a  b  none\n"
            "----------------  -  -  ----\n"
            "a                 1  0     0\n"
            "b                 1  1     0\n");
  score.overall = {"overall", std::numeric_limits<double>::quiet_NaN(), 0, 0};
  EXPECT_TRUE(score_to_json(score).at("overall").at("fraction").is_null());
}

TEST(ScoreTable, ShowsTheGroupsAskedFor) {
  EXPECT_EQ(to_text(score_to_table(example(), {"by answer type"})),
            "VQA accuracy    score  samples\n"
            "--------------  -----  -------\n"
            "overall         73.20        4\n"
            "by answer type\n"
            "  yes/no        50.00        2\n"
            "  other         96.33        2\n");
  EXPECT_EQ(score_to_table(example()).rows.size(), 6U);
  EXPECT_EQ(score_to_table(example()).rows.back(), (std::vector<std::string>{"  none", "-", "0"}));
}

}  // namespace
}  // namespace bteval::reports
