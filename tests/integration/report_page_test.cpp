// What the interactive report takes from run directories: groups, samples, thumbnails, and the file.
#include "tasks/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "reports/leaderboard_writers.h"
#include "support/bmp_image.h"
#include "support/error_text.h"
#include "support/made_up_run.h"
#include "support/mini_vqav2.h"
#include "support/test_paths.h"
#include "tasks/eval.h"
#include "tasks/report.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MadeUpRun;
using ::testing::SizeIs;

class ReportPageTest : public ::testing::Test {
 protected:
  /// Writes a run that the next page() shows.
  void put(const std::string& name, const MadeUpRun& run) {
    const fs::path folder = dir.path() / name;
    run.write(folder);
    std::ofstream(folder / "metrics.json")
        << R"({"schema": 1, "task": "t", "score": {"overall": {"value": 50, "unrounded": 50, "count": 2}}})";
    options.runs.push_back(folder);
  }

  reports::ReportPage page() {
    warnings.clear();
    return make_report_page(options, warnings);
  }

  static MadeUpRun run_of(const std::string& task, int samples, double value = 1) {
    MadeUpRun run(task);
    for (int i = 0; i < samples; ++i)
      run.add("q" + std::to_string(i), "image" + std::to_string(i / 2), value);
    return run;
  }

  testing::TempDir dir;
  ReportPageOptions options = [] {
    ReportPageOptions none;
    none.threads = 1;
    none.resamples = 0;
    none.thumbnail_px = 0;
    return none;
  }();
  std::vector<std::string> warnings;
};

TEST_F(ReportPageTest, ComparableRunsAreOneGroup) {
  put("a", run_of("vqav2", 3));
  put("n", run_of("nlvr2", 3));
  MadeUpRun other_data = run_of("vqav2", 3);
  other_data.digest("annotations") = std::string(64, 'f');
  put("x", other_data);
  MadeUpRun other_model = run_of("vqav2", 3, 0.3);
  other_model.digest("checkpoint") = std::string(64, 'f');
  put("b", other_model);
  MadeUpRun limited = run_of("vqav2", 2);
  limited.manifest["options"]["limit"] = 2;
  put("l", limited);

  const auto groups = page().groups;
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> runs;
  for (const auto& group : groups) {
    titles.push_back(group.title);
    runs.push_back(group.runs);
  }
  EXPECT_THAT(titles,
              ElementsAre("VQAv2 val (a, …)", "VQAv2 val (x)", "VQAv2 val, first 2 samples", "NLVR2 val"));
  EXPECT_THAT(runs, ElementsAre(ElementsAre("a", "b"), ElementsAre("x"), ElementsAre("l"), ElementsAre("n")));
  EXPECT_EQ(groups[0].task, "vqav2");
  EXPECT_EQ(groups[0].split, "val");
  EXPECT_EQ(groups[0].total, 3U);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(ReportPageTest, EqualNamesBecomePaths) {
  put("one/run", run_of("vqav2", 2));
  put("two/run", run_of("vqav2", 2));
  EXPECT_THAT(page().groups.at(0).runs,
              ElementsAre((dir.path() / "one/run").string(), (dir.path() / "two/run").string()));
}

TEST_F(ReportPageTest, WhatRunsDoNotShareIsTold) {
  put("a", run_of("vqav2", 3));
  put("b", run_of("vqav2", 2));
  put("old", run_of("vqav2", 2));
  fs::remove(dir.path() / "old/samples.jsonl");
  const auto groups = page().groups;
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].total, 2U);
  EXPECT_THAT(groups[0].samples.ids, ElementsAre("q0", "q1"));
  ASSERT_THAT(warnings, SizeIs(2));
  EXPECT_THAT(warnings[0], HasSubstr("old: there is no samples.jsonl"));
  EXPECT_THAT(warnings[1], HasSubstr("has samples that"));
}

TEST_F(ReportPageTest, RunsWithoutACommonSampleAreLeftOut) {
  put("a", run_of("vqav2", 2));
  MadeUpRun other("vqav2");
  other.add("z", "image", 1);
  put("b", other);
  EXPECT_THAT(page().groups, IsEmpty());
  EXPECT_THAT(warnings.back(), HasSubstr("VQAv2 val: no sample that all runs have"));
}

TEST_F(ReportPageTest, SamplesAreThoseOfTheFiles) {
  MadeUpRun a("vqav2"), b("vqav2");
  for (MadeUpRun* run : {&a, &b}) {
    for (int i = 0; i < 4; ++i) {
      OrderedJson& sample = run->add("q" + std::to_string(i), "image", 0.25 * i);
      sample["text"] = "is it " + std::to_string(i);
      sample["targets"] = {"t" + std::to_string(i), "no"};
      sample["images"] = {"same.jpg", "i" + std::to_string(i % 2) + ".jpg"};
      sample["slices"] = OrderedJson::object();
      if (i < 3) sample["slices"]["type"] = i == 0 ? "few" : "many";
      if (run == &a) sample["confidence"] = 0.5;
      if (run == &b) sample["prediction"] = "guess";
    }
    run->samples[3].erase("value");
  }
  b.samples[0]["prediction"] = nullptr;
  b.samples[0]["refused"] = "the image is missing";
  b.samples[0]["value"] = 0;
  std::swap(b.samples[0], b.samples[2]);  // another order
  put("a", a);
  put("b", b);
  const auto group = page().groups.at(0);
  const reports::PageSamples& samples = group.samples;
  EXPECT_THAT(samples.ids, ElementsAre("q0", "q1", "q2", "q3"));
  EXPECT_THAT(samples.texts, ElementsAre("is it 0", "is it 1", "is it 2", "is it 3"));
  EXPECT_THAT(samples.targets[2], ElementsAre("t2", "no"));
  EXPECT_THAT(samples.images,
              ElementsAre(ElementsAre(0, 1), ElementsAre(0, 2), ElementsAre(0, 1), ElementsAre(0, 2)));
  ASSERT_THAT(group.slices, SizeIs(2));  // and "words"
  EXPECT_EQ(group.slices[0].name, "type");
  EXPECT_THAT(group.slices[0].values, ElementsAre("many", "few"));
  EXPECT_THAT(samples.slices[0], ElementsAre(1, 0, 0, -1));
  EXPECT_THAT(group.slices[1].values, ElementsAre("1-4"));
  EXPECT_EQ(samples.runs[0].values[1], 0.25);
  EXPECT_TRUE(std::isnan(samples.runs[0].values[3]));
  EXPECT_THAT(samples.runs[0].predictions, ElementsAre("wrong", "right", "right", "right"));
  EXPECT_THAT(samples.runs[0].confidences, ElementsAre(0.5F, 0.5F, 0.5F, 0.5F));
  EXPECT_THAT(samples.runs[0].refused, IsEmpty());
  EXPECT_THAT(samples.runs[1].predictions, ElementsAre("", "guess", "guess", "guess"));
  EXPECT_THAT(samples.runs[1].confidences, IsEmpty());
  EXPECT_THAT(samples.runs[1].ranks, IsEmpty());
  EXPECT_THAT(samples.runs[1].refused, ElementsAre(std::pair(0U, "the image is missing")));
  EXPECT_EQ(group.selection, "all 4 samples");
}

TEST_F(ReportPageTest, ADrawIsUniformAndDoesNotDependOnTheRun) {
  put("a", run_of("vqav2", 2000));
  options.samples = 500;
  const auto first = page().groups.at(0);
  EXPECT_EQ(first.selection, "500 of 2,000 samples, chosen by a hash of their ids");
  EXPECT_EQ(first.total, 2000U);
  ASSERT_THAT(first.samples.ids, SizeIs(500));
  std::vector<int> numbers;
  for (const std::string& id : first.samples.ids) numbers.push_back(std::stoi(id.substr(1)));
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));  // the file's order
  for (int quarter = 0; quarter < 4; ++quarter) {
    const auto members =
        std::count_if(numbers.begin(), numbers.end(), [&](int n) { return n / 500 == quarter; });
    EXPECT_NEAR(static_cast<double>(members), 125, 50) << quarter;
  }
  MadeUpRun shuffled = run_of("vqav2", 2000, 0);
  std::reverse(shuffled.samples.begin(), shuffled.samples.end());
  options.runs.clear();
  put("b", shuffled);
  auto again = page().groups.at(0).samples.ids;
  std::reverse(again.begin(), again.end());
  EXPECT_EQ(again, first.samples.ids);
}

TEST_F(ReportPageTest, WrongOnesAndFlips) {
  MadeUpRun a("vqav2"), b("vqav2");
  const double of_a[] = {1, 0.3, 1, 0.6, 0}, of_b[] = {1, 0.3, 0, 0.9, 0};
  for (int i = 0; i < 5; ++i) {
    a.add("q" + std::to_string(i), "image", of_a[i]);
    b.add("q" + std::to_string(i), "image", of_b[i]);
  }
  a.add("unlabelled", "image", 0).erase("value");
  b.add("unlabelled", "image", 0).erase("value");
  put("a", a);
  put("b", b);
  options.from = SampleChoice::kWrong;
  auto group = page().groups.at(0);
  EXPECT_THAT(group.samples.ids, ElementsAre("q1", "q2", "q4"));
  EXPECT_EQ(group.selection, "all 3 samples with a value below 0.5 in some run (of 6 in all)");
  options.from = SampleChoice::kFlips;
  group = page().groups.at(0);
  EXPECT_THAT(group.samples.ids, ElementsAre("q2", "q3"));
  options.samples = 1;
  group = page().groups.at(0);
  EXPECT_EQ(
      group.selection,
      "1 of 2 samples that the runs do not answer equally well (of 6 in all), chosen by a hash of their ids");
  EXPECT_THAT(group.samples.ids, SizeIs(1));
  options.runs.pop_back();
  EXPECT_THAT(page().groups.at(0).samples.ids, IsEmpty());
}

TEST_F(ReportPageTest, EveryImageHasOneThumbnail) {
  testing::write_random_bmp(dir.path() / "one.bmp", 40, 20, 1);
  fs::create_directories(dir.path() / "moved/val");
  testing::write_random_bmp(dir.path() / "moved/val/two.bmp", 10, 30, 2);
  testing::write_random_bmp(dir.path() / "moved/two.bmp", 30, 10, 3);  // of another folder
  std::ofstream(dir.path() / "broken.jpg") << "no image";
  MadeUpRun run = run_of("vqav2", 6);
  const std::vector<std::string> paths = {
      (dir.path() / "one.bmp").string(),    "/gone/val/two.bmp", (dir.path() / "one.bmp").string(),
      (dir.path() / "broken.jpg").string(), "tables/test.arrow", "/gone/../one.bmp"};
  for (std::size_t i = 0; i < paths.size(); ++i) run.samples[i]["images"] = {paths[i]};
  put("a", run);
  options.thumbnail_px = 16;
  options.threads = 4;
  options.data = dir.path() / "moved";
  auto shown = page();
  EXPECT_THAT(shown.groups[0].samples.images, ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(0),
                                                          ElementsAre(2), ElementsAre(3), ElementsAre(4)));
  ASSERT_THAT(shown.thumbnails, SizeIs(5));
  EXPECT_EQ(shown.thumbnails[0].name, "one.bmp");
  EXPECT_EQ(shown.thumbnails[0].width, 16);
  EXPECT_EQ(shown.thumbnails[0].height, 8);
  EXPECT_EQ(shown.thumbnails[0].jpeg.substr(0, 3), "\xff\xd8\xff");
  EXPECT_EQ(shown.thumbnails[1].height, 16);  // the portrait in val/
  // The last one is not looked for above the folder "moved".
  for (const std::size_t i : {2U, 3U, 4U}) EXPECT_THAT(shown.thumbnails[i].jpeg, IsEmpty()) << i;
  EXPECT_EQ(shown.thumbnails[3].name, "test.arrow");
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], HasSubstr("3 of 5 images have no thumbnail; the first: "));
  EXPECT_THAT(warnings[0], HasSubstr("broken.jpg: no image that can be read"));

  options.thumbnail_px = 0;
  shown = page();
  EXPECT_THAT(shown.thumbnails, SizeIs(5));
  EXPECT_THAT(shown.thumbnails[0].jpeg, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(ReportPageTest, DamagedRunsAreErrors) {
  put("a", run_of("vqav2", 1));
  std::ofstream(dir.path() / "a/samples.jsonl") << "{\"id\": \"q\", \"value\": nonsense}\n";
  EXPECT_THAT(error_text([&] { page(); }), HasSubstr("samples.jsonl: line 1: at byte "));
  options.runs = {dir.path() / "nothing"};
  EXPECT_THAT(error_text([&] { page(); }), HasSubstr("is no finished run"));
}

/// The data that stands in a page; null where there is none.
Json data_of(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"bteval-data\">";
  const std::size_t at = html.find(begin);
  if (at == std::string::npos) return nullptr;
  const std::size_t from = at + begin.size();
  return Json::parse(html.substr(from, html.find("</script>", from) - from));
}

class HtmlReportTest : public ReportPageTest {
 protected:
  std::string html(const std::string& filter = "") {
    ReportOptions report;
    report.runs = options.runs;
    report.filter = filter;
    report.resamples = 0;
    board = make_report(report);
    return html_report(board, report, options);
  }

  reports::Leaderboard board;
};

TEST_F(HtmlReportTest, HoldsLeaderboardAndSamples) {
  put("a", run_of("vqav2", 3));
  put("b", run_of("vqav2", 3, 0));
  put("n", run_of("nlvr2", 3));
  const std::string all = html();
  EXPECT_THAT(all, HasSubstr("VQAv2"));
  EXPECT_THAT(data_of(all)["groups"], SizeIs(2));
  EXPECT_EQ(data_of(html("task=nlvr2"))["groups"][0]["runs"], Json::parse(R"(["n"])"));
  const Json filtered = data_of(html("name=b"));
  ASSERT_THAT(filtered["groups"], SizeIs(1));
  EXPECT_EQ(filtered["groups"][0]["runs"], Json::parse(R"(["b"])"));
}

TEST_F(HtmlReportTest, WithoutSamplesItIsTheLeaderboard) {
  put("a", run_of("vqav2", 3));
  options.samples = 0;
  const std::string text = html();
  EXPECT_EQ(text, reports::leaderboard_html(board));
  EXPECT_EQ(data_of(text), nullptr);
  options.samples = 10;
  fs::remove(dir.path() / "a/samples.jsonl");
  const std::string old = html();
  EXPECT_EQ(old, reports::leaderboard_html(board));
  EXPECT_THAT(old, HasSubstr("Warning: a: there is no samples.jsonl"));
}

TEST_F(HtmlReportTest, NothingOfTheDataIsMarkup) {
  MadeUpRun run("vqav2");
  OrderedJson& sample = run.add("</script><script>alert(1)</script>", "image", 1);
  sample["text"] = "<!-- <script> \xe2\x80\xae \xf0\x9f\x90\x88 \"'&" + std::string(10'000, '<');
  sample["slices"] = {{"<b>", "</script>"}};
  put("a", run);
  const std::string text = html();
  EXPECT_EQ(text.find("alert(1)</script>"), std::string::npos);
  const Json samples = data_of(text)["groups"][0]["samples"];
  EXPECT_EQ(samples["id"][0], "</script><script>alert(1)</script>");
  EXPECT_EQ(samples["text"][0], sample["text"]);
}

TEST_F(HtmlReportTest, OfARealRunGivesItsScore) {
  EvalOptions eval;
  eval.task = "snli-ve";
  eval.model = testing::mini_suite() / "checkpoints/snli_ve";
  eval.data = testing::mini_suite() / "snli_ve";
  eval.split = "test";
  eval.image_size_px = 32;
  eval.max_length = 32;
  eval.transform = "square";
  eval.out = dir.path() / "mini";
  eval.quiet = true;
  eval.engine.threads = 1;
  eval.engine.device = "cpu";
  evaluate(eval);
  options.runs = {dir.path() / "mini"};
  options.thumbnail_px = 32;
  const Json data = data_of(html());
  const Json& group = data["groups"][0];
  const Json metrics = read_json(dir.path() / "mini/metrics.json");
  double sum = 0;
  for (const Json& value : group["samples"]["runs"][0]["value"]) sum += value.get<double>();
  EXPECT_NEAR(100 * sum / 600, metrics["score"]["overall"]["unrounded"].get<double>(), 1e-9);
  EXPECT_EQ(group["total"], 600);
  for (const Json& thumbnail : data["thumbnails"]) EXPECT_TRUE(thumbnail.contains("jpeg"));
  // The rows of the matrix are those of the score's own.
  std::vector<std::vector<int>> counts;
  for (const Json& chart : group["charts"]) {
    if (chart["kind"] == "matrix") counts = chart["counts"];
  }
  const Json& matrix = metrics["score"]["matrices"]["confusion matrix"];
  ASSERT_THAT(counts, SizeIs(3));
  int right = 0, all = 0, expected_right = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    right += counts[i][i];
    expected_right += matrix["counts"][i][i].get<int>();
    for (const int count : counts[i]) all += count;
  }
  EXPECT_EQ(all, 600);
  EXPECT_EQ(right, expected_right);
  EXPECT_THAT(warnings, IsEmpty());
}

}  // namespace
}  // namespace bteval::app
