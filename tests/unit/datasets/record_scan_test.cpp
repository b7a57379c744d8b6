#include "datasets/record_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vqa_files.h"

namespace bteval::datasets {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RecordScanTest : public ::testing::Test {
 protected:
  ScanResult list(std::string_view text, const std::string& name = "rows") {
    return scan_json_list(*Bytes::from_memory("file", text), name, visit());
  }
  ScanResult lines(std::string_view text) {
    return scan_json_lines(*Bytes::from_memory("file", text), visit());
  }
  VisitRecord visit() {
    return [this](JsonReader& reader, const RecordPlace& place) {
      places_.push_back(fmt::format("{}@{}", place.name, place.offset));
      ids_.push_back(RecordFields(reader, {"id"}).id_at("id"));
    };
  }

  std::vector<std::string> places_;
  std::vector<std::int64_t> ids_;
};

TEST_F(RecordScanTest, VisitsEveryElementAndKeepsTextMembers) {
  const ScanResult result =
      list(R"({"name": "val", "n": 3, "rows": [ {"id": 1}, {"id": "2", "x": [1]}], "last": "z"})");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.records, 2);
  EXPECT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(ids_, ElementsAre(1, 2));
  EXPECT_THAT(places_, ElementsAre("rows[0]@34", "rows[1]@45"));
  EXPECT_THAT(result.members, ElementsAre(std::pair{"last", "z"}, std::pair{"name", "val"}));
}

TEST_F(RecordScanTest, ReportsAFaultyRecordWithItsPlaceAndGoesOn) {
  const ScanResult result = list(R"([{"id": 1}, {"id": "x"}, 7, {"id": 1.5}, {"ID": 1}, {"id": 4}])", "");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.records, 6);
  EXPECT_THAT(ids_, ElementsAre(1, 4));
  ASSERT_EQ(result.problems.size(), 4);
  EXPECT_EQ(result.problems[0].record, "[1]");
  EXPECT_EQ(result.problems[0].offset, 12);
  EXPECT_THAT(result.problems[0].message, HasSubstr("\"id\" is no id: \"x\""));
  EXPECT_THAT(result.problems[1].message, HasSubstr("expected an object"));
  EXPECT_EQ(result.problems[2].offset, 35);  // of the number
  EXPECT_THAT(result.problems[3].message, HasSubstr("has no \"id\""));
}

TEST_F(RecordScanTest, EndsWhereTheTextBreaksOff) {
  for (const char* text :
       {R"({"rows": [{"id": 1}, {"id": )", R"({"rows": [{"id": 1} {"id": 2}]})", R"({"rows": [{"id": 1}])"}) {
    const ScanResult result = list(text);
    EXPECT_FALSE(result.complete) << text;
    ASSERT_EQ(result.problems.size(), 1) << text;
    EXPECT_EQ(result.problems[0].record, "");
    EXPECT_TRUE(result.problems[0].offset.has_value());
    EXPECT_EQ(ids_.at(0), 1);
  }
  EXPECT_THAT(list(R"({"other": 1})").problems.at(0).message, HasSubstr("has no \"rows\"; it has \"other\""));
  EXPECT_THAT(list("").problems.at(0).message, HasSubstr("empty"));
}

TEST_F(RecordScanTest, TakesEveryLineForItself) {
  const ScanResult result = lines("{\"id\": 1}\n\n{\"id\": 2\n{\"id\": 3} x\n{\"id\": 4}");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.records, 4);
  EXPECT_THAT(ids_, ElementsAre(1, 3, 4));
  ASSERT_EQ(result.problems.size(), 2);
  EXPECT_EQ(result.problems[0].record, "line 3");
  EXPECT_EQ(result.problems[0].offset, 19);
  EXPECT_EQ(result.problems[1].record, "line 4");
  EXPECT_FALSE(lines("<html>").complete);
}

TEST_F(RecordScanTest, ReadsTextsAndIntegersOfARecord) {
  JsonReader reader(R"({"a": "x", "b": 5, "c": [1], "a": "y", "d": "12"})", "file");
  const RecordFields fields(reader, {"a", "b", "c", "d"});
  EXPECT_EQ(fields.text_at("a"), "y");  // the last one counts
  EXPECT_EQ(fields.at("b"), "5");
  EXPECT_EQ(fields.id_at("d"), 12);
  EXPECT_EQ(fields.find("c"), nullptr);
  EXPECT_THAT(error_of([&] { fields.text_at("b"); }), HasSubstr("has no \"b\" that is text"));
  EXPECT_THAT(error_of([&] { fields.at("e"); }), HasSubstr("has no \"e\""));
}

}  // namespace
}  // namespace bteval::datasets
