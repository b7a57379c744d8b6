#include "reports/trec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>

#include "core/bytes.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::reports {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Trec, PercentEncodesWhatWouldSplitColumns) {
  EXPECT_EQ(trec_id("image", "val2014/COCO_1.jpg"), "image:val2014/COCO_1.jpg");
  EXPECT_EQ(trec_id("caption", "3#4"), "caption:3#4");
  EXPECT_EQ(trec_id("image", "a b%\tc\xc3\xa9"), "image:a%20b%25%09c%C3%A9");
}

TEST(Trec, MakesNeighboursDifferAsFloat32) {
  const std::vector<double> tied = {2, 1, 1, 1, 0.25};
  const std::vector<float> out = strictly_descending(tied);
  EXPECT_THAT(out, ElementsAre(2, 1, std::nextafter(1.0F, 0.0F),
                               std::nextafter(std::nextafter(1.0F, 0.0F), 0.0F), 0.25F));
  const std::vector<double> close = {1 + 1e-12, 1 + 1e-13, 1, 0, 0, -0.0};
  const std::vector<float> apart = strictly_descending(close);
  for (std::size_t i = 1; i < apart.size(); ++i) EXPECT_LT(apart[i], apart[i - 1]);
  const std::vector<double> endless = {kInf, kInf, 1e300, 5, -kInf, -kInf};
  const std::vector<float> finite = strictly_descending(endless);
  ASSERT_EQ(finite.size(), 4U);
  EXPECT_EQ(finite[0], std::numeric_limits<float>::max());
  EXPECT_LT(finite[1], finite[0]);
  EXPECT_LT(finite[2], finite[1]);
  EXPECT_EQ(finite[3], 5);
}

TEST(Trec, WritesLinesThatReadBackInOrder) {
  const testing::TempDir dir;
  const auto path = dir.path() / "run.txt";
  TrecRunWriter run(path, "tag");
  const std::vector<TrecRunWriter::Answer> answers = {
      {"caption:7", 0.1}, {"caption:9", 0.1}, {"caption:8", -1e-7}};
  run.add("image:1", answers);
  run.add("image:2", {});
  EXPECT_FALSE(std::filesystem::exists(path)) << "before commit()";
  run.commit();
  const auto bytes = Bytes::map_file(path);
  std::istringstream lines{std::string(bytes->text())};
  std::string query, q0, document, rank, score, tag;
  float previous = kInf;
  std::vector<std::string> documents;
  while (lines >> query >> q0 >> document >> rank >> score >> tag) {
    EXPECT_EQ(query, "image:1");
    EXPECT_EQ(q0, "Q0");
    EXPECT_EQ(tag, "tag");
    documents.push_back(document);
    EXPECT_EQ(rank, std::to_string(documents.size()));
    const float read = std::strtof(score.c_str(), nullptr);
    EXPECT_LT(read, previous);
    previous = read;
  }
  EXPECT_THAT(documents, ElementsAre("caption:7", "caption:9", "caption:8"));
  EXPECT_EQ(bytes->text().substr(0, 34), "image:1 Q0 caption:7 1 0.1 tag\nima");

  TrecQrelsWriter qrels(dir.path() / "qrels.txt");
  qrels.add("image:1", "caption:7");
  qrels.commit();
  EXPECT_EQ(Bytes::map_file(dir.path() / "qrels.txt")->text(), "image:1 0 caption:7 1\n");
  EXPECT_THAT(error_text([&] { TrecQrelsWriter(dir.path() / "no/q.txt"); }), HasSubstr("no/q.txt"));
}

}  // namespace
}  // namespace bteval::reports
