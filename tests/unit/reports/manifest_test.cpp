#include "reports/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/run_report.h"

namespace bteval::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

records::RunManifest example() {
  records::RunManifest manifest;
  manifest.task = "vqav2";
  manifest.split = "val2014";
  manifest.inputs = {{"checkpoint", "m.ckpt", "aa", 10}, {"questions", "q.json", "bb", 20}};
  manifest.options = {{"dtype", "fp32"}, {"image_size_px", 576}};
  manifest.counts = {{"samples", 3}};
  manifest.refused = OrderedJson::array();
  manifest.environment = {{"libtorch", "2.13.0"}};
  manifest.command = {"bteval", "eval", "it's | here"};
  manifest.signature = "vqav2|split:val2014";
  manifest.timing = {{"seconds", 1.5}};
  return manifest;
}

TEST(Manifest, IdentityIgnoresPathsTimingAndEnvironment) {
  records::RunManifest other = example();
  other.inputs[0].path = "/elsewhere/m.ckpt";
  other.timing = {{"seconds", 99}};
  other.environment.clear();
  other.command.clear();
  EXPECT_EQ(manifest_identity(example()), manifest_identity(other));
}

TEST(Manifest, IdentityChangesWithEverythingThatDecidesTheResult) {
  const std::string base = manifest_identity(example());
  const auto changed = [&](auto&& edit) {
    records::RunManifest other = example();
    edit(other);
    return manifest_identity(other);
  };
  EXPECT_NE(base, changed([](auto& m) { m.inputs[0].sha256 = "cc"; }));
  EXPECT_NE(base, changed([](auto& m) { m.inputs.pop_back(); }));
  EXPECT_NE(base, changed([](auto& m) { m.options["image_size_px"] = 384; }));
  EXPECT_NE(base, changed([](auto& m) { m.split = "train2014"; }));
  EXPECT_NE(base, changed([](auto& m) { m.task = "nlvr2"; }));
}

TEST(Manifest, HoldsEveryInputWithItsDigest) {
  const OrderedJson json = manifest_to_json(example());
  EXPECT_EQ(json.at("schema"), kManifestSchema);
  ASSERT_EQ(json.at("inputs").size(), 2U);
  EXPECT_EQ(json.at("inputs")[1].at("role"), "questions");
  EXPECT_EQ(json.at("inputs")[1].at("sha256"), "bb");
  EXPECT_EQ(json.at("identity"), manifest_identity(example()));
  EXPECT_EQ(json.at("command").back(), "it's | here");
}

TEST(RunReport, ShowsTheScoreAndQuotesTheCommand) {
  records::Score score{
      "VQA accuracy", "official-2021", {"overall", 78.734, 3}, {{"answer type", {{"yes/no", 90, 2}}}}};
  const std::string report = run_report_markdown(example(), score, "");
  EXPECT_THAT(report, HasSubstr("78.73"));
  EXPECT_THAT(report, HasSubstr("yes/no"));
  EXPECT_THAT(report, HasSubstr("bteval eval 'it'\\''s | here'"));
  EXPECT_THAT(report, Not(HasSubstr("seconds")));
}

TEST(RunReport, SaysWhyThereIsNoScoreAndNamesRefusedSamples) {
  records::RunManifest manifest = example();
  manifest.refused.push_back({{"id", "7"}, {"image_id", "9"}, {"reason", "truncated | <b>"}});
  const std::string report = run_report_markdown(manifest, std::nullopt, "the split has no annotations");
  EXPECT_THAT(report, HasSubstr("No score: the split has no annotations."));
  EXPECT_THAT(report, HasSubstr("## Refused samples"));
  EXPECT_THAT(report, Not(HasSubstr("truncated | <b>")))
      << "a cell must not break the table or become markup";
}

}  // namespace
}  // namespace bteval::reports
