#include "reports/report_page.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "core/version.h"
#include "support/error_text.h"

namespace bteval::reports {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

PageGroup example() {
  PageGroup group;
  group.title = "VQAv2 val";
  group.task = "vqav2";
  group.split = "val";
  group.total = 3;
  group.selection = "2 of 3 samples";
  group.runs = {"base", "large"};
  group.slices = {{"answer type", {"yes/no", "other"}}};
  PageSamples& samples = group.samples;
  samples.ids = {"1", "2"};
  samples.texts = {"Is it <b>?", "What?"};
  samples.targets = {{"yes"}, {"cat", "a cat"}};
  samples.images = {{0}, {0, 1}};
  samples.slices = {{0, PageSamples::kNone}};
  samples.runs = {
      {{1, kNaN}, {"yes", ""}, {0.5F, std::numeric_limits<float>::quiet_NaN()}, {}, {{1, "image missing"}}},
      {{0.3, 0}, {"no", "dog"}, {}, {2, 0}, {}}};
  return group;
}

Json written(const ReportPage& page) { return Json::parse(report_page_json(page)); }

TEST(ReportPage, SamplesAreColumns) {
  const Json page = written({{example()}, {{"a.jpg", 4, 3, "foo"}, {"gone.jpg", 0, 0, ""}}});
  EXPECT_EQ(page["version"], 1);
  EXPECT_EQ(page["generator"], "bteval " + version());
  EXPECT_EQ(page["thumbnails"], Json::parse(R"([{"name": "a.jpg", "width": 4, "height": 3, "jpeg": "Zm9v"},
                                                {"name": "gone.jpg", "width": 0, "height": 0}])"));
  ASSERT_EQ(page["groups"].size(), 1U);
  EXPECT_EQ(page["groups"][0], Json::parse(R"({
    "title": "VQAv2 val", "task": "vqav2", "split": "val", "total": 3, "selection": "2 of 3 samples",
    "runs": ["base", "large"], "charts": [], "slices": [{"name": "answer type", "values": ["yes/no", "other"]}],
    "samples": {"id": ["1", "2"], "text": ["Is it <b>?", "What?"], "targets": [["yes"], ["cat", "a cat"]],
                "images": [[0], [0, 1]], "slices": [[0, -1]],
                "runs": [{"value": [1, null], "prediction": ["yes", ""], "confidence": [0.5, null], "rank": null,
                          "refused": {"1": "image missing"}},
                         {"value": [0.3, 0], "prediction": ["no", "dog"], "confidence": null, "rank": [2, null],
                          "refused": {}}]}})"));
}

TEST(ReportPage, EveryKindOfChart) {
  PageGroup group = example();
  group.charts = {
      BarChart{"By type", "%", {"yes/no", "other"}, {2, 0}, {{0, {61.25, std::nullopt}}}},
      MatrixChart{"Confusion", 1, {"a", "b"}, {{3, 0}, {1, 2}}},
      CurveChart{"Recall", "K", "%", {{1, "TR", {{1, 50}, {2, 100}}}}},
      ReliabilityChart{"Calibration", {{0, 3.1, 9.9, {{0, 0.5, 0, kNaN, kNaN}, {0.5, 1, 4, 0.75, 0.5}}}}},
      IntervalChart{"Difference", "points", {"overall"}, {{1, {{1.2, -0.3, 2.1, 0.011}}}}}};
  const Json charts = written({{group}, {}})["groups"][0]["charts"];
  EXPECT_EQ(charts, Json::parse(R"([
    {"kind": "bars", "title": "By type", "unit": "%", "labels": ["yes/no", "other"], "counts": [2, 0],
     "series": [{"run": 0, "values": [61.25, null]}]},
    {"kind": "matrix", "title": "Confusion", "run": 1, "labels": ["a", "b"], "counts": [[3, 0], [1, 2]]},
    {"kind": "curves", "title": "Recall", "x": "K", "y": "%",
     "series": [{"run": 1, "name": "TR", "points": [[1, 50], [2, 100]]}]},
    {"kind": "reliability", "title": "Calibration", "series": [{"run": 0, "ece": 3.1, "mce": 9.9, "bins": [
      {"low": 0, "high": 0.5, "count": 0, "confidence": null, "value": null},
      {"low": 0.5, "high": 1, "count": 4, "confidence": 0.75, "value": 0.5}]}]},
    {"kind": "intervals", "title": "Difference", "unit": "points", "labels": ["overall"],
     "series": [{"run": 1, "items": [{"difference": 1.2, "low": -0.3, "high": 2.1, "p": 0.011}]}]}])"));
}

TEST(ReportPage, HostileStringsStayStrings) {
  const std::string hostile =
      "</script><!--<script>\xe2\x80\xae\xf0\x9f\x90\x88\"'&" + std::string(10'000, 'x');
  PageGroup group = example();
  group.title = group.selection = group.runs[0] = group.slices[0].name = group.slices[0].values[0] = hostile;
  group.samples.ids[0] = group.samples.texts[0] = group.samples.targets[1][1] = hostile;
  group.samples.runs[0].predictions[0] = group.samples.runs[0].refused[1] = hostile;
  group.charts = {BarChart{hostile, hostile, {hostile}, {1}, {{0, {1.0}}}},
                  CurveChart{hostile, hostile, hostile, {{0, hostile, {}}}}};
  const ReportPage page{{group}, {{hostile, 1, 1, ""}}};
  const std::string json = report_page_json(page);
  EXPECT_EQ(json.find_first_of("<>&"), std::string::npos);
  const Json read = Json::parse(json);
  EXPECT_EQ(read["groups"][0]["samples"]["runs"][0]["refused"]["1"], hostile);
  EXPECT_EQ(read["groups"][0]["samples"]["text"][0], hostile);
  EXPECT_EQ(read["groups"][0]["charts"][1]["series"][0]["name"], hostile);
  EXPECT_EQ(read["thumbnails"][0]["name"], hostile);
  EXPECT_EQ(report_page_json(page), json);
}

TEST(ReportPage, InvalidUtf8IsReplacedEverywhere) {
  PageGroup group = example();
  group.samples.texts[0] = "\xff";
  EXPECT_EQ(written({{group}, {}})["groups"][0]["samples"]["text"][0], "\xef\xbf\xbd");
}

TEST(ReportPage, ColumnsOfDifferentLengthsAreADefect) {
  for (const auto& spoil : std::initializer_list<void (*)(PageGroup&)>{
           [](PageGroup& g) { g.samples.texts.pop_back(); },
           [](PageGroup& g) { g.samples.slices[0].pop_back(); },
           [](PageGroup& g) { g.samples.runs[1].ranks.pop_back(); }, [](PageGroup& g) { g.runs.pop_back(); },
           [](PageGroup& g) { g.slices.clear(); }}) {
    PageGroup group = example();
    spoil(group);
    EXPECT_EQ(testing::error_text([&] {
                report_page_json({{group}, {}});
              }),
              "columns of the report's samples differ in length");
  }
}

}  // namespace
}  // namespace bteval::reports
