// One fixture in every format, against golden files; order, marks and filters.
#include "reports/leaderboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/bytes.h"
#include "core/file.h"
#include "core/json.h"
#include "reports/leaderboard_filter.h"
#include "reports/leaderboard_writers.h"
#include "support/error_text.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval::reports {
namespace {

using bteval::testing::error_text;
using ::testing::HasSubstr;
using ::testing::Not;

LeaderboardRow make_row(const std::string& task, const std::string& name) {
  LeaderboardRow row;
  row.task = task;
  row.name = name;
  row.footnotes = {name + ": " + task + "|split:x|bteval:0.1.0"};
  return row;
}

/// Two tasks, published rows, intervals, missing numbers, and a name that attacks every format.
std::vector<LeaderboardRow> fixture() {
  LeaderboardRow base = make_row("vqav2", "bridgetower_base");
  base.model = "bridgetower";
  base.values = {{{"val", "overall"}, {73.204, Interval{72.9, 73.51}, "aa", 2}},
                 {{"val", "yes/no"}, {88.5, Interval{88.1, 88.9}, "aa", 2}},
                 {{"val", "number"}, {54.125, std::nullopt, "aa", 2}}};
  base.parameters = 345'618'000;
  base.image_size_px = 576;
  base.samples_per_second = 412.35;
  LeaderboardRow hostile = make_row("vqav2", "=x,\"<script>|&_%$#{}~^\\\n\x1b[31m é 😀");
  hostile.values = {{{"val", "overall"}, {73.9, Interval{73.6, 74.2}, "aa", 2}},
                    {{"test-dev", "overall"}, {75.25, std::nullopt, "", 2}}};
  hostile.image_size_px = 384;
  LeaderboardRow part = make_row("vqav2", "part");
  part.setting = "first 100 samples";
  part.ranked = false;
  part.values = {{{"val", "overall"}, {99.0, std::nullopt, "aa", 2}}};
  LeaderboardRow published = make_row("vqav2", "METER Base");
  published.published = true;
  published.setting = "fine-tuned";
  published.values = {{{"test-dev", "overall"}, {77.68, std::nullopt, "", 2}},
                      {{"test-std", "overall"}, {77.64, std::nullopt, "", 2}}};
  published.footnotes = {"published (authors): some/repository@12ab:README.md"};
  LeaderboardRow nlvr2 = make_row("nlvr2", "bridgetower_nlvr2");
  nlvr2.values = {{{"dev", "accuracy"}, {81.85, std::nullopt, "bb", 2}},
                  {{"dev", "consistency"}, {49.0, std::nullopt, "bb", 2}}};
  LeaderboardRow other = make_row("nlvr2", "ViLT");
  other.published = true;
  other.values = {{{"dev", "accuracy"}, {75.7, std::nullopt, "", 1}}};
  other.footnotes = published.footnotes;
  return {base, hostile, part, published, nlvr2, other};
}

/// Runs with confidences, and one without.
std::vector<LeaderboardRow> calibrated() {
  const auto row = [](const char* name, double accuracy, double error, double at_80, double at_90) {
    LeaderboardRow of = make_row("snli-ve", name);
    of.values = {{{"test", "accuracy"}, {accuracy, std::nullopt, "cc", 2}},
                 {{"test", "ECE"}, {error, std::nullopt, "cc", 2}},
                 {{"test", "at 80 %"}, {at_80, std::nullopt, "cc", 2}},
                 {{"test", "at 90 %"}, {at_90, std::nullopt, "cc", 2}}};
    return of;
  };
  LeaderboardRow without = make_row("snli-ve", "without");
  without.values = {{{"test", "accuracy"}, {80.5, std::nullopt, "cc", 2}}};
  return {row("sure", 81.0, 9.125, 86.5, 83.0), row("modest", 79.25, 1.5, 88.0, 84.75),
          row("middling", 80.0, 4.0, 86.0, 83.5), without};
}

class Golden : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

/// BTEVAL_UPDATE_GOLDEN=1 writes the files anew, for a look at the difference.
void expect_golden(const std::vector<LeaderboardRow>& rows, const std::string& format,
                   const std::string& file) {
  const bool styled = file.ends_with("styled.txt");
  const std::string written = write_leaderboard(make_leaderboard(rows), format, styled);
  const auto path = bteval::testing::golden_data("leaderboard") / file;
  if (std::getenv("BTEVAL_UPDATE_GOLDEN") != nullptr) {
    make_folder(path.parent_path());
    write_file_atomic(path, written);
  }
  EXPECT_EQ(written, std::string(Bytes::map_file(path)->text()));
}

TEST_P(Golden, TheFixtureGivesTheCommittedBytes) {
  const auto [format, file] = GetParam();
  expect_golden(fixture(), format, file);
  expect_golden(calibrated(), format, std::string("calibrated_") + file);
}

INSTANTIATE_TEST_SUITE_P(Leaderboard, Golden,
                         ::testing::Values(std::pair("text", "plain.txt"), std::pair("text", "styled.txt"),
                                           std::pair("markdown", "board.md"), std::pair("latex", "board.tex"),
                                           std::pair("csv", "board.csv"), std::pair("json", "board.json"),
                                           std::pair("html", "board.html")),
                         [](const auto& info) {
                           std::string name = info.param.second;
                           name[name.find('.')] = '_';
                           return name;
                         });

TEST(LeaderboardTest, MarksBestAndSecondOfWhatCompetes) {
  const Json board = Json::parse(leaderboard_json(make_leaderboard(fixture())));
  std::map<std::string, Json> overall;
  for (const Json& row : board["tables"][0]["rows"])
    overall[row["cells"]["name"].get<std::string>()] = row["cells"]["val/overall"];
  EXPECT_EQ(overall.at("bridgetower_base").at("mark"), "second");
  EXPECT_FALSE(overall.at("part").contains("mark"));  // a part of a split does not compete
  EXPECT_TRUE(overall.at("METER Base").is_null());
  const Json& columns = board["tables"][0]["columns"];
  std::vector<std::string> keys;
  for (const Json& column : columns) keys.push_back(column["key"]);
  EXPECT_THAT(keys, ::testing::ElementsAre("name", "setting", "origin", "val/overall", "val/yes/no",
                                           "val/number", "test-dev/overall", "test-std/overall", "parameters",
                                           "resolution", "throughput"));
  // One number in a column is no contest.
  EXPECT_FALSE(board["tables"][0]["rows"][1]["cells"]["val/number"].contains("mark"));
}

TEST(LeaderboardTest, EqualNumbersShareAMark) {
  std::vector<LeaderboardRow> rows;
  for (const double value : {80.001, 80.004, 79.0, 70.0}) {
    rows.push_back(make_row("snli-ve", std::to_string(value)));
    rows.back().values = {{{"test", "accuracy"}, {value}}};
  }
  const Leaderboard board = make_leaderboard(rows);
  std::vector<Mark> marks;
  for (const LeaderboardLine& line : board.tables[0].lines) marks.push_back(line.cells[1].mark);
  EXPECT_EQ(marks, (std::vector<Mark>{Mark::kBest, Mark::kBest, Mark::kSecond, Mark::kNone}));
}

TEST(LeaderboardTest, TheSmallestErrorIsTheBestAndComesFirst) {
  const Leaderboard board = make_leaderboard(calibrated(), {"test/ECE", false});
  std::vector<std::pair<std::string, Mark>> shown;
  const std::vector<LeaderboardColumn>& columns = board.tables[0].columns;
  EXPECT_EQ(columns[2].key, "test/ECE");
  EXPECT_TRUE(columns[2].less_is_better);
  EXPECT_FALSE(columns[3].less_is_better);
  for (const LeaderboardLine& line : board.tables[0].lines)
    shown.emplace_back(line.cells[0].text, line.cells[2].mark);
  EXPECT_THAT(shown,
              ::testing::ElementsAre(std::pair("modest", Mark::kBest), std::pair("middling", Mark::kSecond),
                                     std::pair("sure", Mark::kNone), std::pair("without", Mark::kNone)));
  EXPECT_EQ(board.tables[0].lines[0].cells[3].mark, Mark::kBest);    // 88.00 at 80 %
  EXPECT_EQ(board.tables[0].lines[2].cells[3].mark, Mark::kSecond);  // 86.50
  EXPECT_THAT(board.remarks, ::testing::ElementsAre(HasSubstr("less is better"), HasSubstr("at 80 %")));
}

TEST(LeaderboardTest, OtherAnnotationsAreNotCompared) {
  std::vector<LeaderboardRow> rows = fixture();
  rows[1].values.at({"val", "overall"}).data = "other";
  const Leaderboard board = make_leaderboard(rows);
  ASSERT_EQ(board.warnings.size(), 1U);
  EXPECT_THAT(board.warnings[0], HasSubstr("2 different annotations"));
  for (const LeaderboardLine& line : board.tables[0].lines) EXPECT_EQ(line.cells[3].mark, Mark::kNone);
}

std::vector<std::string> names(const Leaderboard& board) {
  std::vector<std::string> out;
  for (const LeaderboardLine& line : board.tables[0].lines) out.push_back(line.cells[0].text);
  return out;
}

TEST(LeaderboardTest, SortsByAnyColumnMissingLast) {
  std::vector<LeaderboardRow> rows = fixture();
  EXPECT_EQ(names(make_leaderboard(rows)).front(), "part");
  EXPECT_EQ(names(make_leaderboard(rows, {"params (M)", false})).front(), "bridgetower_base");
  EXPECT_EQ(names(make_leaderboard(rows, {"Test-Dev Overall", false})).front(), "METER Base");
  EXPECT_EQ(names(make_leaderboard(rows, {"val/overall", true})).front(), "bridgetower_base");
  EXPECT_EQ(names(make_leaderboard(rows, {"val/overall", true})).back(), "METER Base");
  EXPECT_EQ(names(make_leaderboard(rows, {"name", true})).front(), "part");
  EXPECT_THAT(error_text([&] { make_leaderboard(rows, {"speed", false}); }), HasSubstr("throughput"));
}

TEST(LeaderboardTest, AnEmptyBoardIsWrittenInEveryFormat) {
  const Leaderboard empty = make_leaderboard({});
  EXPECT_EQ(leaderboard_text(empty, false), "\n");
  EXPECT_EQ(leaderboard_markdown(empty), "");
  EXPECT_EQ(leaderboard_csv(empty), "task,footnotes\r\n");
  EXPECT_TRUE(Json::parse(leaderboard_json(empty)).at("tables").empty());
  EXPECT_THAT(leaderboard_html(empty), HasSubstr("</html>"));
  EXPECT_THAT(error_text([] { write_leaderboard({}, "pdf"); }), HasSubstr("there is no format"));
}

TEST(LeaderboardFilterTest, KeepsRowsWithOneOfEachKeysValues) {
  const auto kept = [](const char* text) {
    std::string out;
    for (const LeaderboardRow& row : fixture())
      out += LeaderboardFilter(text).keeps(row) ? row.name.substr(0, 4) + " " : "";
    return out;
  };
  EXPECT_EQ(kept("task=nlvr2"), "brid ViLT ");
  EXPECT_EQ(kept("TASK=vqav2,name=meter,name=PART"), "part METE ");
  EXPECT_EQ(kept("model=bridgetower"), "brid brid ");
  EXPECT_EQ(kept("origin=published,source=README"), "METE ViLT ");
  EXPECT_EQ(kept("setting=tuned"), "METE ");
  EXPECT_THAT(error_text([] { LeaderboardFilter("colour=red"); }), HasSubstr("a filter is KEY=VALUE"));
  EXPECT_THAT(error_text([] { LeaderboardFilter("vqav2"); }), HasSubstr("a filter is KEY=VALUE"));
}

TEST(LeaderboardLatexSlow, Compiles) {
  if (std::system("command -v pdflatex >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no pdflatex: install texlive-latex-recommended";
  const bteval::testing::TempDir dir;
  write_file_atomic(dir.path() / "board.tex",
                    "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{textcomp}\n"
                    "\\usepackage{booktabs}\n\\begin{document}\n" +
                        leaderboard_latex(make_leaderboard(fixture())) +
                        leaderboard_latex(make_leaderboard(calibrated())) + "\\end{document}\n");
  const auto result = bteval::testing::run_command({"pdflatex", "-interaction=nonstopmode", "-halt-on-error",
                                                    "-output-directory", dir.path().string(),
                                                    (dir.path() / "board.tex").string()});
  EXPECT_EQ(result.exit_status, 0) << result.out;
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "board.pdf"));
}

TEST(LeaderboardHtml, NothingOfDataIsMarkup) {
  const std::string html = leaderboard_html(make_leaderboard(fixture()));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  for (const char* outside : {"http://", "https://", "src=", "@import", "url("})
    EXPECT_THAT(html, Not(HasSubstr(outside)));
}

}  // namespace
}  // namespace bteval::reports
