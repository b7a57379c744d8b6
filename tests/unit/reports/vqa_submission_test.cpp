#include "reports/vqa_submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::int64_t> kIds = {30, 10, 20};

VqaSubmissionCheck check(std::string_view text) { return check_vqa_submission(text, kIds, {"yes", "no"}); }

TEST(VqaSubmission, IsOneCompactListInTheOrderGiven) {
  const std::vector<records::VqaPrediction> predictions = {{30, "yes"}, {10, "a \"b\" \\ café"}, {20, ""}};
  const std::string text = vqa_submission(predictions);
  EXPECT_EQ(
      text,
      "[{\"question_id\":30,\"answer\":\"yes\"},{\"question_id\":10,\"answer\":\"a \\\"b\\\" \\\\ café\"},"
      "{\"question_id\":20,\"answer\":\"\"}]\n");
  const VqaSubmissionCheck result = check(text);
  EXPECT_TRUE(result.ok()) << result.problems.front();
  EXPECT_EQ(result.predictions, 3U);
  EXPECT_EQ(result.empty_answers, 1U);
  EXPECT_EQ(result.answers_out_of_vocabulary, 2U);
  EXPECT_EQ(vqa_submission({}), "[]\n");
  EXPECT_THROW(vqa_submission(std::vector<records::VqaPrediction>{{1, "\xff"}}), Error);
}

TEST(VqaSubmission, CheckFindsWhatTheServerRejects) {
  EXPECT_THAT(
      check("{\"question_id\":30,\"answer\":\"yes\"}\n{\"question_id\":10,\"answer\":\"no\"}\n").problems,
      ElementsAre(HasSubstr("not JSON lines")));
  EXPECT_THAT(check("").problems, ElementsAre(HasSubstr("the file is empty")));
  EXPECT_THAT(check("[{\"question_id\":30,").problems, ElementsAre(HasSubstr("at byte 19")));
  EXPECT_THAT(
      check(R"([{"question_id":"30","answer":"yes"},{"question_id":10,"answer":5},{"question_id":20}])")
          .problems,
      ElementsAre("1 answers that are no strings: record 1", "1 of 3 questions without an answer: 30",
                  "1 question ids that are no integers: record 0",
                  "2 records without a string answer: record 1, record 2",
                  "1 records without an integer question_id: record 0"));
  EXPECT_THAT(
      check(
          R"([{"question_id":10,"answer":"a"},{"question_id":10,"answer":"b"},{"question_id":10,"answer":"c"},
                        {"question_id":77,"answer":"d"}])")
          .problems,
      ElementsAre("2 of 3 questions without an answer: 20, 30",
                  "1 question ids that stand more than once: 10",
                  "1 question ids that the question file does not have: 77"));
}

TEST(VqaSubmission, CheckShortensLongLists) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(i);
  EXPECT_THAT(check_vqa_submission("[]", ids).problems,
              ElementsAre("100 of 100 questions without an answer: 0, 1, 2, …"));
}

}  // namespace
}  // namespace bteval::reports
