#include "reports/snli_ve_predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace bteval::reports {
namespace {

using records::SnliVeClass;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kIds = {"7.jpg#0r1c", "7.jpg#0r1e"};

SubmissionCheck check(const std::string& text) { return check_snli_ve_predictions(text, kIds); }

TEST(SnliVePredictions, AreJsonLines) {
  const std::vector<records::SnliVePrediction> predictions = {{kIds[0], SnliVeClass::kContradiction},
                                                              {kIds[1], SnliVeClass::kEntailment}};
  const std::string text = snli_ve_predictions(predictions);
  EXPECT_EQ(text,
            "{\"pairID\": \"7.jpg#0r1c\", \"prediction\": \"contradiction\"}\n"
            "{\"pairID\": \"7.jpg#0r1e\", \"prediction\": \"entailment\"}\n");
  EXPECT_TRUE(check(text).ok());
  EXPECT_EQ(check(text).predictions, 2U);
  const std::vector<records::SnliVePrediction> bad = {{"\xff", SnliVeClass::kNeutral}};
  EXPECT_THROW(snli_ve_predictions(bad), Error);
}

TEST(SnliVePredictions, SaysEverythingThatIsWrong) {
  const SubmissionCheck result = check(
      "{\"pairID\": \"7.jpg#0r1c\", \"prediction\": \"yes\"}\n"
      "{\"pairID\": \"7.jpg#0r1c\", \"prediction\": \"neutral\", \"score\": [1]}\n"
      "{\"pairID\": 7, \"prediction\": null}\n"
      "{\"pairID\": \"9\", \"prediction\": \"neutral\"\n"
      "{\"pairID\": \"8\", \"prediction\": \"neutral\"}\n");
  EXPECT_THAT(result.problems, ElementsAre(HasSubstr("1 lines that are no JSON object: line 4 (ends where"),
                                           "1 of 2 pairs without a prediction: 7.jpg#0r1e",
                                           "1 pairIDs that stand more than once: 7.jpg#0r1c",
                                           "1 pairIDs that the annotation file does not have: 8",
                                           "1 predictions that are no class: line 1 'yes'",
                                           "1 records without a string pairID: line 3",
                                           "1 records without a string prediction: line 3"));
}

TEST(SnliVePredictions, RefusesOtherFormats) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the file is empty"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "is a Git LFS pointer"},
      {R"([{"pairID": "7.jpg#0r1c", "prediction": "neutral"}])", "is one JSON list, not JSON lines"},
      {"7.jpg#0r1c,neutral", "of 2 pairs without a prediction"}};
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(check(text).problems, ::testing::Contains(HasSubstr(problem))) << text;
  }
}

}  // namespace
}  // namespace bteval::reports
