// The interactive page: a policy that admits its own scripts and style alone, data that cannot leave their
// element.
#include "reports/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/hash.h"
#include "reports/leaderboard_writers.h"
#include "reports/page_assets.h"
#include "support/error_text.h"

namespace bteval::reports {
namespace {

using bteval::testing::error_text;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kData = R"({"version":1,"groups":[],"thumbnails":[]})";

/// Hexadecimal digits of what `policy` gives in base64 behind "sha256-", from `start`.
std::string hex_of_source(const std::string& policy, std::size_t start) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = 0;
  int held = 0;
  std::string hex;
  for (std::size_t i = start; i < policy.size() && digits.find(policy[i]) != std::string::npos; ++i) {
    bits = (bits << 6U) | static_cast<unsigned>(digits.find(policy[i]));
    held += 6;
    while (held >= 8) {
      held -= 8;
      hex += fmt::format("{:02x}", (bits >> static_cast<unsigned>(held)) & 255U);
    }
    bits &= (1U << static_cast<unsigned>(held)) - 1U;
  }
  return hex;
}

TEST(ReportHtml, PolicyAdmitsItsScriptsAndStyleAlone) {
  const std::string page = report_html({}, kData);
  const std::size_t start = page.find("Content-Security-Policy");
  const std::string policy = page.substr(start, page.find("\">", start) - start);
  for (const char* part :
       {"default-src 'none';", "img-src data:;", "base-uri 'none';", "form-action 'none';"}) {
    EXPECT_THAT(policy, HasSubstr(part));
  }
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  std::vector<std::string> digests;
  const std::string mark = "'sha256-";
  for (std::size_t at = policy.find(mark); at != std::string::npos; at = policy.find(mark, at + 1))
    digests.push_back(hex_of_source(policy, at + mark.size()));
  std::vector<std::string> expected = {sha256(page_style())};
  if (!chart_script().empty()) expected.push_back(sha256(chart_script()));
  expected.push_back(sha256(page_script()));
  EXPECT_EQ(digests, expected);
  EXPECT_THAT(page, HasSubstr("<script>" + std::string(page_script()) + "</script>"));
}

TEST(ReportHtml, HoldsTheDataOnceAsData) {
  const std::string page = report_html({}, kData);
  const std::string element =
      "<script type=\"application/json\" id=\"bteval-data\">" + std::string(kData) + "</script>";
  const std::size_t at = page.find(element);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(page.find(element, at + 1), std::string::npos);
}

TEST(ReportHtml, RefusesDataThatCouldEndTheirElement) {
  EXPECT_THAT(error_text([] { report_html({}, R"({"text":"</script>"})"); }), HasSubstr("end the element"));
}

TEST(ReportHtml, WithoutDataIsTheStaticLeaderboard) {
  const Leaderboard board;
  EXPECT_EQ(report_html(board, ""), leaderboard_html(board));
}

TEST(ReportHtml, NamesTheChartLibraryWithItsLicence) {
  const std::string page = report_html({}, kData), library = chart_library();
  if (chart_script().empty()) {
    EXPECT_EQ(library, "");
    EXPECT_THAT(page, HasSubstr("Built without Chart.js"));
    return;
  }
  EXPECT_THAT(library, ::testing::MatchesRegex("Chart\\.js [34]\\.[0-9.]+"));
  EXPECT_THAT(page, HasSubstr(library + ", MIT licence"));
  EXPECT_THAT(page, HasSubstr("Permission is hereby granted"));
  EXPECT_THAT(page, HasSubstr("Chart.js Contributors; includes @kurkle/color"));
}

}  // namespace
}  // namespace bteval::reports
