// `bteval report --format html` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/json.h"
#include "support/bmp_image.h"
#include "support/made_up_run.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::CommandResult;
using bteval::testing::MadeUpRun;
using bteval::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReportPageCommand : public ::testing::Test {
 protected:
  ReportPageCommand() {
    fs::create_directories(dir.path() / "images");
    testing::write_random_bmp(dir.path() / "images/cat.bmp", 40, 30, 1);
    for (const double wrong : {0.0, 0.3}) {
      MadeUpRun run("vqav2");
      for (int i = 0; i < 6; ++i)
        run.add("q" + std::to_string(i), "c", i % 2 == 0 ? 1 : wrong)["images"] = {"val2014/cat.bmp"};
      const fs::path folder = dir.path() / (wrong > 0 ? "b" : "a");
      run.write(folder);
      std::ofstream(folder / "metrics.json")
          << R"({"score": {"overall": {"value": 50.0, "unrounded": 50.0, "count": 6}}})";
    }
  }

  CommandResult report(const std::vector<std::string>& more) {
    std::vector<std::string> command = {
        BTEVAL_BINARY, "report", (dir.path() / "a").string(), (dir.path() / "b").string(),
        "--format",    "html"};
    command.insert(command.end(), more.begin(), more.end());
    return testing::run_command(command);
  }

  /// The data in a page.
  static Json data(const std::string& html) {
    const std::string begin = "id=\"bteval-data\">";
    const std::size_t at = html.find(begin);
    EXPECT_NE(at, std::string::npos);
    if (at == std::string::npos) return Json();
    return Json::parse(html.substr(at + begin.size(), html.find("</script>", at) - at - begin.size()));
  }

  TempDir dir;
};

TEST_F(ReportPageCommand, OptionsDecideWhatIsInThePage) {
  const fs::path out = dir.path() / "report.html";
  CommandResult result = report({"--out", out.string(), "--data", (dir.path() / "images").string()});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.out, "written to " + out.string() + "\n");
  Json page = data(std::string(Bytes::map_file(out)->text()));
  EXPECT_EQ(page["groups"][0]["runs"], Json::parse(R"(["a", "b"])"));
  EXPECT_THAT(page["groups"][0]["samples"]["id"], SizeIs(6));
  EXPECT_EQ(page["thumbnails"][0]["width"], 40);
  EXPECT_TRUE(page["thumbnails"][0].contains("jpeg"));
  EXPECT_THAT(page["groups"][0]["charts"].dump(), HasSubstr("Difference from a"));

  result = report({"--samples", "2", "--samples-from", "flips", "--thumbnails", "0", "--resamples", "0"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  page = data(result.out);
  EXPECT_EQ(
      page["groups"][0]["selection"],
      "2 of 3 samples that the runs do not answer equally well (of 6 in all), chosen by a hash of their ids");
  EXPECT_FALSE(page["thumbnails"][0].contains("jpeg"));
  EXPECT_EQ(page["groups"][0]["charts"].dump().find("Difference"), std::string::npos);

  result =
      report({"--samples-from", "wrong", "--thumbnails", "20", "--data", (dir.path() / "images").string()});
  page = data(result.out);
  EXPECT_EQ(page["groups"][0]["samples"]["id"], Json::parse(R"(["q1", "q3", "q5"])"));
  EXPECT_EQ(page["thumbnails"][0]["width"], 20);
}

TEST_F(ReportPageCommand, TellsOfMissingImages) {
  const fs::path out = dir.path() / "report.html";
  const CommandResult result = report({"--out", out.string()});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err,
              HasSubstr("1 of 1 images have no thumbnail; the first: val2014/cat.bmp: cannot open"));
  EXPECT_THAT(result.err, HasSubstr("--data FOLDER"));
  EXPECT_THAT(std::string(Bytes::map_file(out)->text()), HasSubstr("1 of 1 images have no thumbnail"));
}

TEST_F(ReportPageCommand, WithoutSamplesThereIsNoScript) {
  const CommandResult result = report({"--samples", "0"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.out.find("<script"), std::string::npos);
  EXPECT_THAT(result.out, HasSubstr("<h2>VQAv2</h2>"));
}

TEST_F(ReportPageCommand, RefusesOptionsThatMakeNoSense) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--samples-from", "best"}, {"--samples", "-1"}, {"--thumbnails", "2000"}}) {
    const CommandResult result = report(wrong);
    EXPECT_EQ(result.exit_status, 2) << wrong[0];
    EXPECT_THAT(result.err, HasSubstr(wrong[0]));
  }
}

}  // namespace
}  // namespace bteval
