#include "reports/nlvr2_submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kIds = {"dev-1-0-0", "dev-1-1-0", "dev-2-0-0"};

SubmissionCheck check(const std::string& text) { return check_nlvr2_submission(text, kIds); }

TEST(Nlvr2Submission, IsACsvWithoutHeader) {
  const std::vector<records::Nlvr2Prediction> predictions = {
      {kIds[0], true}, {kIds[1], false}, {kIds[2], true}};
  const std::string text = nlvr2_submission(predictions);
  EXPECT_EQ(text, "dev-1-0-0,True\ndev-1-1-0,False\ndev-2-0-0,True\n");
  EXPECT_TRUE(check(text).ok());
  EXPECT_EQ(check(text).predictions, 3U);
  const std::vector<records::Nlvr2Prediction> bad = {{"a,b", true}};
  EXPECT_THROW(nlvr2_submission(bad), Error);
}

TEST(Nlvr2Submission, CaseWhiteSpaceAtTheEndsAndMoreFieldsDoNotMatter) {
  const SubmissionCheck result = check("dev-1-0-0,TRUE\r\n dev-1-1-0,false \ndev-2-0-0,True,0.9");
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST(Nlvr2Submission, ExtraRowsAreANote) {
  const SubmissionCheck result = check("dev-1-0-0,True\ndev-1-1-0,True\ndev-2-0-0,True\ndev-9-0-0,True\n");
  EXPECT_TRUE(result.ok());
  EXPECT_THAT(result.notes, ElementsAre("1 rows are for other examples: the scorer ignores them"));
}

TEST(Nlvr2Submission, SaysWhatTheScorerWouldStumbleOver) {
  const SubmissionCheck result = check("dev-1-0-0,True\n\ndev-1-0-0,False\ndev-2-0-0,yes\ndev-1-1-0\n");
  EXPECT_THAT(result.problems,
              ElementsAre("1 blank lines, at which the official scorer ends with an error: line 2",
                          "1 identifiers that stand more than once: dev-1-0-0",
                          "1 lines without a comma, at which the official scorer ends with an error: line 5",
                          "1 of 3 examples without a prediction: dev-1-1-0",
                          "1 predictions that are neither True nor False: line 4 'yes'"));
}

TEST(Nlvr2Submission, RefusesOtherFormats) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the file is empty"},
      {" \n", "nothing but white space"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "is a Git LFS pointer"},
      {R"([{"identifier": "dev-1-0-0", "prediction": "True"}])", "is JSON: the scorer takes lines"},
      {R"({"identifier": "dev-1-0-0", "prediction": "True"})", "is JSON"},
      {"dev-1-0-0,True\n\xff\n", "is not UTF-8: at byte 15"}};
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(check(text).problems, ElementsAre(HasSubstr(problem))) << text;
  }
}

}  // namespace
}  // namespace bteval::reports
