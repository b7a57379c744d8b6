#include "datasets/nlvr2_predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vqa_files.h"

namespace bteval::datasets {
namespace {

using testing::error_of;
using ::testing::HasSubstr;

Nlvr2PredictionFile read(const std::string& text) {
  return read_nlvr2_predictions(*Bytes::from_memory("p.csv", text));
}

std::string error(const std::string& text) {
  return error_of([&] { read(text); });
}

std::string list(const Nlvr2PredictionFile& file) {
  std::string out;
  for (const auto& prediction : file.predictions)
    out += prediction.identifier + (prediction.prediction ? "+" : "-");
  return out;
}

TEST(Nlvr2Predictions, ReadsWhatTheOfficialScorerReads) {
  EXPECT_EQ(list(read("dev-1-0-0,True\ndev-1-1-0,False\n")), "dev-1-0-0+dev-1-1-0-");
  EXPECT_EQ(list(read("dev-1-0-0,TRUE\r\ndev-1-1-0,false,0.3")), "dev-1-0-0+dev-1-1-0-");
}

TEST(Nlvr2Predictions, ReadsJsonLinesAndLists) {
  EXPECT_EQ(list(read(R"([{"identifier": "dev-1-0-0", "prediction": "True"}])")), "dev-1-0-0+");
  const Nlvr2PredictionFile lines = read(
      "{\"identifier\": \"dev-1-0-0\", \"prediction\": \"False\", \"label\": 0}\n\n"
      "{\"identifier\": \"dev-1-1-0\", \"prediction\": null, \"refused\": \"broken\"}\n");
  EXPECT_EQ(list(lines), "dev-1-0-0-");
  EXPECT_EQ(lines.refused, 1U);
}

TEST(Nlvr2Predictions, OthersAreErrors) {
  EXPECT_THAT(error("dev-1-0-0,True\n\ndev-1-1-0,True\n"),
              HasSubstr("data: p.csv: line 2: at byte 15: is blank"));
  EXPECT_THAT(
      error("dev-1-0-0,yes\n"),
      HasSubstr("p.csv: line 1: at byte 0: the prediction for 'dev-1-0-0' is neither True nor False: 'yes'"));
  EXPECT_THAT(error("dev-1-0-0, True\n"), HasSubstr("neither True nor False: ' True'"));
  EXPECT_THAT(error("identifier,prediction\n"), HasSubstr("neither True nor False: 'prediction'"));
  EXPECT_THAT(error("dev-1-0-0\n"), HasSubstr("expected identifier,prediction, found 'dev-1-0-0'"));
  EXPECT_THAT(error(""), HasSubstr("p.csv: the file is empty"));
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("is a Git LFS pointer"));
  EXPECT_THAT(
      error(R"({"identifier": "a", "prediction": "maybe"})"),
      HasSubstr(
          "p.csv: line 1, identifier a: at byte 34: the prediction is neither True nor False: \"maybe\""));
  EXPECT_THAT(error(R"([{"identifier": "a"}])"), HasSubstr("record 0, identifier a: at byte 20: "));
  EXPECT_THAT(error(R"([{"prediction": "True"}])"), HasSubstr("has no \"identifier\""));
}

class Nlvr2Alignment : public ::testing::Test {
 protected:
  Nlvr2Alignment() {
    for (const char* id : {"dev-1-0-0", "dev-1-1-0"}) samples_.samples.push_back({id, "x", {}});
  }
  IdAlignment align(const std::string& text, bool partial = false) const {
    return align_nlvr2_predictions(samples_, read(text), "p.csv", partial);
  }

  records::SampleSet samples_;
};

TEST_F(Nlvr2Alignment, IgnoresPredictionsForOthersAsTheOfficialScorerDoes) {
  const IdAlignment alignment = align("dev-9-9-9,True\ndev-1-1-0,True\ndev-1-0-0,False\n");
  EXPECT_EQ(alignment.prediction_of_sample, (std::vector<std::optional<std::uint32_t>>{2, 1}));
  EXPECT_EQ(alignment.unknown, 1U);
}

TEST_F(Nlvr2Alignment, MissingOnesAndDuplicatesAreErrors) {
  EXPECT_THAT(error_of([&] { align("dev-1-1-0,True\n"); }),
              HasSubstr("p.csv: 1 of 2 examples have no prediction (identifier dev-1-0-0)"));
  EXPECT_EQ(align("dev-1-1-0,True\n", true).missing, 1U);
  EXPECT_THAT(error_of([&] { align("dev-1-1-0,True\ndev-1-1-0,True\n", true); }),
              HasSubstr("p.csv: identifier dev-1-1-0: stands twice: record 0 and record 1"));
  EXPECT_THAT(error_of([&] { align("dev-9-9-9,True\n", true); }),
              HasSubstr("none of its 1 predictions is for one of the 2 examples"));
}

}  // namespace
}  // namespace bteval::datasets
