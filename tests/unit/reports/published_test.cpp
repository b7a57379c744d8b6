// The published results that come with bteval, and what makes such a file unacceptable.
#include "reports/published.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/bytes.h"
#include "core/json.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::reports {
namespace {

using bteval::testing::error_text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::filesystem::path file() { return bteval::testing::source_dir() / "assets/published/results.json"; }

std::vector<LeaderboardRow> committed() {
  return read_published_results(Bytes::map_file(file())->text(), file().string());
}

TEST(PublishedResults, EveryNumberCarriesItsSource) {
  std::size_t numbers = 0;
  std::set<std::string> tasks;
  for (const LeaderboardRow& row : committed()) {
    tasks.insert(row.task);
    numbers += row.values.size();
    EXPECT_TRUE(row.published);
    ASSERT_EQ(row.footnotes.size(), 1U) << row.name;
    // "published (KIND): SOURCE", where a source is a repository at a commit, or an address.
    const std::string source = row.footnotes[0].substr(row.footnotes[0].find("): ") + 3);
    EXPECT_TRUE(source.find('@') != std::string::npos || source.starts_with("https://")) << source;
  }
  EXPECT_GT(numbers, 300U);
  EXPECT_EQ(tasks, (std::set<std::string>{"coco", "flickr30k", "nlvr2", "snli-ve", "vqav2"}));
}

TEST(PublishedResults, ArithmeticHolds) {
  const auto rows = committed();
  EXPECT_THAT(doubt_published_results(rows), IsEmpty());
  std::size_t identities = 0, sums = 0;
  for (const LeaderboardRow& row : rows) {
    bool all = true;
    for (const char* metric : {"overall", "yes/no", "number", "other"})
      all = all && row.values.contains({"test-std", metric});
    if (all) {
      ++identities;
      const auto value = [&](const char* metric) { return row.values.at({"test-std", metric}).value; };
      EXPECT_NEAR(0.41485 * value("yes/no") + 0.10966 * value("number") + 0.47548 * value("other"),
                  value("overall"), 0.005)
          << row.name;
    }
    sums += row.values.contains({"test", "RSUM"});
  }
  EXPECT_GE(identities, 10U);
  EXPECT_GE(sums, 8U);
}

TEST(PublishedResults, DoubtsWhatDoesNotAddUp) {
  LeaderboardRow row;
  row.name = "model";
  row.values = {{{"test-std", "overall"}, {79.0}},
                {{"test-std", "yes/no"}, {92.92}},
                {{"test-std", "number"}, {60.69}},
                {{"test-std", "other"}, {70.51}},
                {{"test", "RSUM"}, {500.0}}};
  for (const char* metric : {"TR R@1", "TR R@5", "TR R@10", "IR R@1", "IR R@5", "IR R@10"})
    row.values[{"test", metric}] = {90.0};
  EXPECT_EQ(doubt_published_results({row}).size(), 2U);
}

Json good() {
  return Json::parse(R"({"schema": 1, "rows": [{"task": "vqav2", "model": "M", "variant": "", "parameters": 7,
    "setting": "fine-tuned", "note": "", "source": "a@b:c", "source_kind": "authors",
    "results": {"test-dev": {"overall": 70.5}}}]})");
}

std::string error_of(const Json& json) {
  return error_text([&] { read_published_results(json.dump(), "results.json"); });
}

TEST(PublishedResults, RefusesNumbersWithoutASourceAndOtherFaults) {
  EXPECT_EQ(error_of(good()), "no error");
  EXPECT_EQ(read_published_results(good().dump(), "x")[0].values.at({"test-dev", "overall"}).decimals, 1);
  Json bad = good();
  bad["rows"][0]["source"] = "";
  EXPECT_THAT(error_of(bad), HasSubstr("results.json: row 0: has numbers without a source"));
  bad = good();
  bad["rows"][0].erase("source");
  EXPECT_THAT(error_of(bad), HasSubstr("has no \"source\""));
  bad = good();
  bad["rows"][0]["results"]["test-dev"]["overall"] = 170;
  EXPECT_THAT(error_of(bad), HasSubstr("is no per cent"));
  bad = good();
  bad["rows"][0]["results"] = Json::object();
  EXPECT_THAT(error_of(bad), HasSubstr("has no results"));
  bad = good();
  bad["schema"] = 2;
  EXPECT_THAT(error_of(bad), HasSubstr("has layout 2"));
}

}  // namespace
}  // namespace bteval::reports
