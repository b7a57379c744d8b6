// `--on-bad-image wrong|exclude` as a user meets it: the score, its signature, and every command that reads
// such a run.
#include <set>

#include "e2e/program.h"
#include "support/json_schema.h"

namespace bteval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Twelve questions; the image of the first one is missing, and another one is damaged.
class BadImageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(evaluate(whole, {}).exit_status, 0);
    while (data.image(other) == data.image(0)) ++other;
    missing_bytes = text_of(data.image(0));
    damaged_bytes = text_of(data.image(other));
    fs::remove(data.image(0));
    write_file_atomic(data.image(other), damaged_bytes.substr(0, damaged_bytes.size() / 2));
    for (std::size_t i = 0; i < 12; ++i) {
      if (data.image(i) == data.image(0) || data.image(i) == data.image(other)) bad.insert(id(i));
    }
  }
  void repair() const {
    write_file_atomic(data.image(0), missing_bytes);
    write_file_atomic(data.image(other), damaged_bytes);
  }
  std::string id(std::size_t question) const {
    return std::to_string(data.questions["questions"][question]["question_id"].get<std::int64_t>());
  }
  CommandResult evaluate(const fs::path& out, std::vector<std::string> more) const {
    more.insert(more.end(), {"--images-per-unit", "1", "--threads", "1"});
    return bteval::evaluate({.name = "vqav2", .out = out, .data = data.root, .more = std::move(more)});
  }
  std::string num_bad() const { return std::to_string(bad.size()); }

  TempDir dir;
  MiniVqav2 data{dir.path() / "data", 12};
  fs::path whole = dir.path() / "whole", run = dir.path() / "run";
  std::size_t other = 1;
  std::string missing_bytes, damaged_bytes;
  std::set<std::string> bad;  ///< questions without a readable image
};

TEST_F(BadImageTest, ExcludedSamplesAreNamedEverywhereAndNotScored) {
  const CommandResult result = evaluate(run, {"--on-bad-image", "exclude"});
  ASSERT_EQ(result.exit_status, 6) << result.err;
  EXPECT_THAT(result.err, HasSubstr(num_bad() + " of 12 samples have no readable image and are excluded"));
  EXPECT_THAT(result.out, HasSubstr("|n:12|excluded:" + num_bad() + "|"));

  const Json manifest = read_json(run / "manifest.json"), metrics = read_json(run / "metrics.json");
  std::set<std::string> refused;
  for (const Json& entry : manifest.at("refused")) {
    refused.insert(entry.at("id").get<std::string>());
    EXPECT_THAT(entry.at("reason").get<std::string>(),
                ::testing::AnyOf(HasSubstr("No such file"), HasSubstr("truncated")));
  }
  EXPECT_EQ(refused, bad);
  EXPECT_EQ(manifest.at("counts").at("refused"), bad.size());
  EXPECT_EQ(manifest.at("signature"), metrics.at("signature"));
  EXPECT_THAT(testing::schema_faults(read_json(bteval::testing::source_dir() / "docs/manifest.schema.json"),
                                     manifest),
              IsEmpty());
  EXPECT_EQ(metrics.at("score").at("overall").at("count"), 12 - bad.size());
  const std::string report = text_of(run / "report.md");
  EXPECT_THAT(report, AllOf(HasSubstr("are excluded: the score is that of the others alone"),
                            HasSubstr("excluded:" + num_bad()), HasSubstr("Refused samples"),
                            HasSubstr(*bad.begin())));
  EXPECT_FALSE(fs::exists(run / "submission.json"));
}

TEST_F(BadImageTest, NoOtherImageTakesTheBadOnesPlace) {
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 6);
  const auto lines = json_lines_of(run / "predictions.jsonl"),
             before = json_lines_of(whole / "predictions.jsonl");
  const auto samples = json_lines_of(run / "samples.jsonl"),
             samples_before = json_lines_of(whole / "samples.jsonl");
  ASSERT_EQ(lines.size(), 12U);
  double sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    if (bad.contains(id(i))) {
      EXPECT_TRUE(lines[i].at("answer").is_null());
      EXPECT_FALSE(samples[i].contains("value")) << samples[i];
      EXPECT_TRUE(samples[i].at("prediction").is_null());
    } else {
      EXPECT_EQ(lines[i], before[i]);
      EXPECT_EQ(samples[i], samples_before[i]);
      sum += samples[i].at("value").get<double>();
    }
  }
  EXPECT_NEAR(read_json(run / "metrics.json").at("score").at("overall").at("unrounded").get<double>(),
              100 * sum / static_cast<double>(12 - bad.size()), 1e-9);
}

TEST_F(BadImageTest, WrongOnesCountAndTheSignatureSaysSo) {
  const CommandResult result = evaluate(run, {"--on-bad-image", "wrong"});
  ASSERT_EQ(result.exit_status, 6) << result.err;
  EXPECT_THAT(result.out, HasSubstr("|n:12|wrong:" + num_bad() + "|"));
  EXPECT_EQ(read_json(run / "metrics.json").at("score").at("overall").at("count"), 12);
  EXPECT_THAT(result.err, HasSubstr("have no readable image and count as wrong"));
  EXPECT_EQ(read_json(run / "submission.json").size(), 12U);
}

TEST_F(BadImageTest, WithoutABadImageTheSignatureIsTheOrdinaryOne) {
  repair();
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 0);
  EXPECT_EQ(read_json(run / "manifest.json").at("signature"),
            read_json(whole / "manifest.json").at("signature"));
  EXPECT_TRUE(fs::exists(run / "submission.json"));
}

TEST_F(BadImageTest, AllSamplesExcludedIsNoScore) {
  for (std::size_t i = 0; i < 12; ++i) fs::remove(data.image(i));
  write_file_atomic(data.image(0), "no image");
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 6);
  const Json metrics = read_json(run / "metrics.json");
  EXPECT_TRUE(metrics.at("score").is_null());
  EXPECT_EQ(metrics.at("why_no_score"), "every sample is excluded");
}

TEST_F(BadImageTest, FailNamesEveryMissingImage) {
  for (std::size_t i = 0; i < 12; ++i) fs::remove(data.image(i));
  const CommandResult result = evaluate(run, {});
  EXPECT_EQ(result.exit_status, 3);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_THAT(result.err, HasSubstr(data.image(i).string()));
  EXPECT_THAT(result.err, HasSubstr(" images are missing: "));
}

TEST_F(BadImageTest, ARunGoesOnWhateverWasDoneAboutThemBefore) {
  const fs::path straight = dir.path() / "straight";
  ASSERT_EQ(evaluate(straight, {"--on-bad-image", "exclude"}).exit_status, 6);
  // The journal of a run that stops at the damaged image, goes on with "wrong", is stopped, and ends with
  // "exclude".
  std::vector<std::string> stopped = {"bash", "-c", "ulimit -f 2; exec \"$@\"", "bash"};
  write_file_atomic(data.image(0), missing_bytes);
  ASSERT_EQ(evaluate(run, {}).exit_status, 3);
  EXPECT_TRUE(fs::exists(run / "journal"));
  fs::remove(data.image(0));
  const std::string journal = text_of(run / "journal");
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "wrong"}).exit_status, 6);
  const fs::path again = dir.path() / "again";
  fs::create_directory(again);
  write_file_atomic(again / "journal", journal);
  const CommandResult resumed = evaluate(again, {"--on-bad-image", "exclude"});
  ASSERT_EQ(resumed.exit_status, 6) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("going on with an interrupted run"));
  // The first image was there when its questions were answered: those answers stand.
  std::set<std::string> expected;
  for (std::size_t i = 0; i < 12; ++i)
    if (data.image(i) == data.image(other)) expected.insert(id(i));
  std::set<std::string> refused;
  const Json manifest = read_json(again / "manifest.json");
  for (const Json& entry : manifest.at("refused")) refused.insert(entry.at("id").get<std::string>());
  EXPECT_THAT(refused, ::testing::IsSubsetOf(bad));
  EXPECT_THAT(refused, ::testing::IsSupersetOf(expected));
}

TEST_F(BadImageTest, VerifyScoreAndSubmitKnowOfExcludedSamples) {
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 6);
  const CommandResult verified = bteval_run({"verify", run.string()});
  EXPECT_EQ(verified.exit_status, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("score from predictions"));

  const std::vector<std::string> score = {
      "score",         "vqav2",
      "--questions",   (data.root / "v2_OpenEnded_mscoco_minitest_questions.json").string(),
      "--annotations", (data.root / "v2_mscoco_minitest_annotations.json").string(),
      "--predictions", (run / "predictions.jsonl").string(),
      "--json",        (dir.path() / "score.json").string()};
  EXPECT_EQ(bteval_run(score).exit_status, 3);  // questions without a prediction
  std::vector<std::string> partial = score;
  partial.emplace_back("--allow-partial");
  ASSERT_EQ(bteval_run(partial).exit_status, 0);
  EXPECT_EQ(read_json(dir.path() / "score.json").at("score"), read_json(run / "metrics.json").at("score"));

  const CommandResult refused = bteval_run({"submit", run.string()});
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("leaves " + num_bad() + " samples out"), HasSubstr("--allow-excluded")));
  EXPECT_FALSE(fs::exists(run / "submission.json"));
  const CommandResult allowed = bteval_run({"submit", run.string(), "--allow-excluded"});
  EXPECT_EQ(allowed.exit_status, 0) << allowed.err;
  EXPECT_THAT(allowed.out, HasSubstr("the server counts empty answers as wrong"));
  EXPECT_EQ(read_json(run / "submission.json").size(), 12U);  // the server wants every question answered
}

TEST_F(BadImageTest, ATamperedSignatureIsFound) {
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 6);
  for (const char* name : {"manifest.json", "metrics.json"}) {
    std::string text = text_of(run / name);
    const std::string part = "|excluded:" + num_bad();
    ASSERT_NE(text.find(part), std::string::npos);
    write_file_atomic(run / name, text.erase(text.find(part), part.size()));
  }
  const CommandResult verified = bteval_run({"verify", run.string()});
  EXPECT_EQ(verified.exit_status, 3);
  EXPECT_THAT(verified.out, HasSubstr("does not say how many samples are excluded"));
}

TEST_F(BadImageTest, OtherSamplesAreNoComparisonAndNoRank) {
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude"}).exit_status, 6);
  const CommandResult compared = bteval_run({"compare", whole.string(), run.string()});
  EXPECT_NE(compared.exit_status, 0);
  EXPECT_THAT(compared.err, AllOf(HasSubstr("excluded samples"), HasSubstr(whole.string() + " has none")));
  const CommandResult forced = bteval_run({"compare", whole.string(), run.string(), "--force"});
  EXPECT_EQ(forced.exit_status, 0) << forced.err;

  const fs::path twin = dir.path() / "twin";
  ASSERT_EQ(evaluate(twin, {"--on-bad-image", "exclude", "--batch-size", "3"}).exit_status, 6);
  const CommandResult twins = bteval_run({"compare", twin.string(), run.string()});
  EXPECT_EQ(twins.exit_status, 0) << twins.err;
  EXPECT_THAT(twins.out, HasSubstr("excluded:" + num_bad()));

  const CommandResult report = bteval_run({"report", whole.string(), run.string()});
  ASSERT_EQ(report.exit_status, 0) << report.err;
  EXPECT_THAT(report.out,
              AllOf(HasSubstr(num_bad() + " samples excluded"), HasSubstr("excluded:" + num_bad())));
  const fs::path page = dir.path() / "page.html";
  ASSERT_EQ(bteval_run({"report", whole.string(), run.string(), "--format", "html", "-o", page.string()})
                .exit_status,
            0);
  EXPECT_THAT(text_of(page), HasSubstr(num_bad() + " samples excluded"));
}

TEST_F(BadImageTest, ARepairedImageIsReadWhenTheRunGoesOn) {
  // A journal with refusals, of a run that could not write its last files.
  const CommandResult full =
      run_command({"bash", "-c", "mkdir -p \"$0\" && mkdir \"$0/metrics.json\"", run.string()});
  ASSERT_EQ(full.exit_status, 0);
  ASSERT_EQ(evaluate(run, {"--on-bad-image", "exclude", "--force"}).exit_status, 3);
  ASSERT_TRUE(fs::exists(run / "journal"));
  fs::remove_all(run / "metrics.json");
  repair();
  const CommandResult resumed = evaluate(run, {"--on-bad-image", "exclude"});
  ASSERT_EQ(resumed.exit_status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("going on with an interrupted run"));
  EXPECT_EQ(text_of(run / "predictions.jsonl"), text_of(whole / "predictions.jsonl"));
  EXPECT_EQ(text_of(run / "metrics.json"), text_of(whole / "metrics.json"));
}

}  // namespace
}  // namespace bteval
