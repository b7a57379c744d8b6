#include "reports/retrieval_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bteval::reports {
namespace {

using ::testing::ElementsAre;

TEST(RetrievalTable, PutsBothDirectionsOnOneLine) {
  records::Score score;
  score.metric = "retrieval recall";
  const auto add = [&](const std::string& suffix, double first) {
    score.groups.push_back(
        {"text retrieval" + suffix,
         {{"R@1", first, 9}, {"R@5", 50, 9}, {"R@10", 60.125, 9}, {"median rank", 1.5, 9}}});
    score.groups.push_back(
        {"image retrieval" + suffix, {{"R@1", 4, 9}, {"R@5", 5, 9}, {"R@10", 6, 9}, {"median rank", 12, 9}}});
    score.groups.push_back({"both directions" + suffix, {{"RSUM", 165.25, 18}, {"R mean", 27.5, 18}}});
  };
  add("", 40);
  add(" 1K, optimistic", 41);
  score.groups.push_back({"text retrieval alone", {{"R@1", 1, 1}}});
  const Table table = retrieval_table(score);
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_THAT(table.rows[0], ElementsAre("all", "40.00", "50.00", "60.12", "4.00", "5.00", "6.00", "165.25",
                                         "27.50", "1.5", "12.0"));
  EXPECT_EQ(table.rows[1][0], "1K, optimistic");
  EXPECT_EQ(table.rows[1][1], "41.00");
  EXPECT_THAT(table.rows[2], ElementsAre("alone", "1.00", "-", "-", "-", "-", "-", "-", "-", "-", "-"));
  EXPECT_EQ(table.columns.size(), table.rows[0].size());
}

}  // namespace
}  // namespace bteval::reports
