// `bteval verify`, `reproduce`, `report` and `export` as a user runs them, on a run over the mini suite's
// data.
#include "e2e/program.h"
#include "support/json_schema.h"

namespace bteval {
namespace {

using bteval::testing::replace_in;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy(mini_suite() / "checkpoints/vqav2", model);
    const CommandResult result = evaluate({});
    ASSERT_EQ(result.exit_status, 0) << result.err;
  }
  CommandResult evaluate(const std::vector<std::string>& more) const {
    return bteval::evaluate(
        {.name = "vqav2", .out = out, .data = data.root, .model = model, .split = data.split, .more = more});
  }
  CommandResult verify(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"verify", out.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return bteval_run(arguments);
  }
  fs::path annotations() const { return data.root / "v2_mscoco_minitest_annotations.json"; }

  TempDir dir;
  fs::path model = dir.path() / "model";
  MiniVqav2 data{dir.path() / "data", 12};
  fs::path out = dir.path() / "run";
};

TEST_F(VerifyTest, AnUntouchedRunMatchesInEverything) {
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr(" 0 differ, 0 not checked"));
  for (const char* what : {"identity", "signature", "input checkpoint", "input tokenizer", "input vocabulary",
                           "input annotations", "predictions.jsonl", "samples.jsonl", "metrics.json",
                           "submission.json", "score from predictions", "submission from predictions"})
    EXPECT_THAT(result.out, HasSubstr(what));
}

TEST_F(VerifyTest, FindsAnEditedPrediction) {
  const std::string first = Json::parse(
      text_of(out / "predictions.jsonl").substr(0, text_of(out / "predictions.jsonl").find('\n')))["answer"];
  replace_in(out / "predictions.jsonl", Json(first).dump(), "\"nothing like it\"");
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("was changed after the run"));
  EXPECT_THAT(result.out, HasSubstr("predictions.jsonl gives another submission"));
}

TEST_F(VerifyTest, FindsAnEditedMetricEvenWhereItsDigestIsEditedToo) {
  const std::string value = read_json(out / "metrics.json")["score"]["overall"]["value"].dump();
  replace_in(out / "metrics.json", "\"value\": " + value, "\"value\": 99.87");
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("metrics.json says 99.87"));

  Json manifest = read_json(out / "manifest.json");
  for (Json& output : manifest["outputs"]) {
    if (output["name"] == "metrics.json")
      output["sha256"] = run_command({"sha256sum", (out / "metrics.json").string()}).out.substr(0, 64);
  }
  write_file_atomic(out / "manifest.json", manifest.dump());
  EXPECT_EQ(verify().exit_status, 3);
}

TEST_F(VerifyTest, FindsAnotherCheckpoint) {
  const fs::path weights = model / "model.safetensors";
  std::string bytes = text_of(weights);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomic(weights, bytes);
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("is not what the run has read"));
}

TEST_F(VerifyTest, FindsAnotherAnnotationFile) {
  data.annotations["annotations"][0]["answers"][0]["answer"] = "something else";
  data.write();
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("is not what the run has read: " + annotations().string()));
}

TEST_F(VerifyTest, FindsAnEditedManifest) {
  replace_in(out / "manifest.json", "\"dtype\": \"fp32\"", "\"dtype\": \"fp16\"");
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("are not those of its identity"));
}

TEST_F(VerifyTest, FindsAMissingOutput) {
  fs::remove(out / "samples.jsonl");
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_THAT(result.out, HasSubstr("is missing"));
}

TEST_F(VerifyTest, SaysWhatItCannotCheckAndTakesMovedFiles) {
  const fs::path moved = dir.path() / "elsewhere";
  fs::rename(data.root, moved);
  fs::rename(out, dir.path() / "moved_run");
  out = dir.path() / "moved_run";
  const CommandResult without = verify();
  EXPECT_EQ(without.exit_status, 0) << without.out << without.err;
  EXPECT_THAT(without.out, HasSubstr("is not there: "));
  EXPECT_THAT(without.out, Not(HasSubstr(" 0 not checked")));
  const CommandResult with = verify({"--data", moved.string()});
  EXPECT_EQ(with.exit_status, 0) << with.out << with.err;
  EXPECT_THAT(with.out, HasSubstr(" 0 differ, 0 not checked"));
  const CommandResult none = bteval_run({"verify", dir.path().string()});
  EXPECT_EQ(none.exit_status, 3);
  EXPECT_THAT(none.err, HasSubstr("is no finished run"));
}

TEST_F(VerifyTest, RefusedSamplesCountAsWrongAgain) {
  write_file_atomic(data.image(0), "no image");
  ASSERT_EQ(evaluate({"--on-bad-image", "wrong", "--force"}).exit_status, 6);
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("the run refused samples"));  // the submission is not made again
}

TEST_F(VerifyTest, APartOfASplitIsScoredAsAPart) {
  ASSERT_EQ(evaluate({"--limit", "5", "--force"}).exit_status, 0);
  const CommandResult result = verify();
  EXPECT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("submission")));  // that of the whole split is gone
  write_file_atomic(out / "submission.json", "[]");
  EXPECT_THAT(verify().out, HasSubstr("the run has not written submission.json"));
}

TEST(VerifyRetrieval, TheFoldsOfAManifestAreNumbersOfTheSplit) {
  const TempDir dir;
  const fs::path run = dir.path() / "run";
  const CommandResult done =
      evaluate({.name = "coco",
                .out = run,
                .more = {"--threads", "1", "--folds", "both", "--fold-images", "25", "--fold-count", "4"}});
  ASSERT_EQ(done.exit_status, 0) << done.err;
  const CommandResult untouched = bteval_run({"verify", run.string()});
  EXPECT_EQ(untouched.exit_status, 0) << untouched.out << untouched.err;
  EXPECT_THAT(untouched.out, HasSubstr("score from predictions"));
  const std::string manifest = text_of(run / "manifest.json");
  const struct {
    const char *fold, *message;
  } cases[] = {
      {"4x25", "manifest.json: options: \"fold\" is not three whole numbers as in 5x1000x5, but \"4x25\""},
      {"99999999999x25x5", "is not three whole numbers"},
      {"-4x25x5", "is not three whole numbers"},
      {"4x25x0", "is not three whole numbers"},
      {"4294967295x4294967295x5", "folds of 4294967295 images need a split of"},
      {"2x50x5", "the predictions give other numbers than metrics.json"},
  };
  for (const auto& example : cases) {
    write_file_atomic(run / "manifest.json", manifest);
    replace_in(run / "manifest.json", "\"fold\": \"4x25x5\"",
               std::string("\"fold\": \"") + example.fold + "\"");
    const CommandResult result = bteval_run({"verify", run.string()});
    EXPECT_EQ(result.exit_status, 3) << example.fold;
    EXPECT_THAT(result.out, HasSubstr(example.message)) << example.fold;
  }
}

TEST_F(VerifyTest, ReproducePrintsACommandThatGivesTheSameRun) {
  const CommandResult printed = bteval_run({"reproduce", out.string()});
  ASSERT_EQ(printed.exit_status, 0) << printed.err;
  EXPECT_THAT(printed.err, IsEmpty());
  const std::string before = text_of(out / "predictions.jsonl");
  fs::remove_all(out);
  const CommandResult again = run_command({"sh", "-c", printed.out});
  ASSERT_EQ(again.exit_status, 0) << again.err;
  EXPECT_EQ(text_of(out / "predictions.jsonl"), before);

  replace_in(out / "manifest.json", "\"git_revision\": \"", "\"git_revision\": \"another ");
  fs::remove(annotations());
  const CommandResult warned = bteval_run({"reproduce", out.string()});
  EXPECT_EQ(warned.exit_status, 0);
  EXPECT_THAT(warned.err, HasSubstr("the run was made by bteval"));
  EXPECT_THAT(warned.err, HasSubstr("the annotations is not there"));
}

TEST_F(VerifyTest, TheManifestKeepsItsSchema) {
  const Json schema = read_json(bteval::testing::source_dir() / "docs/manifest.schema.json");
  Json manifest = read_json(out / "manifest.json");
  EXPECT_THAT(testing::schema_faults(schema, manifest), IsEmpty());
  EXPECT_GT(manifest["counts"]["parameters"].get<std::int64_t>(), 10000);
  manifest["inputs"][0].erase("sha256");
  manifest["identity"] = "x";
  EXPECT_EQ(testing::schema_faults(schema, manifest).size(), 2U);
}

TEST_F(VerifyTest, ReportShowsTheRunInEveryFormat) {
  for (const char* format : {"text", "markdown", "latex", "csv", "json", "html"}) {
    const CommandResult result = bteval_run({"report", out.string(), "--published", "--format", format});
    ASSERT_EQ(result.exit_status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("BridgeTower Base"));
    EXPECT_THAT(result.out, HasSubstr("published"));
    EXPECT_THAT(result.out, HasSubstr("minitest"));
    EXPECT_THAT(result.out, Not(HasSubstr("\x1b["))) << "colour on no terminal";
  }
  const Json board = Json::parse(bteval_run({"report", out.string(), "--format", "json"}).out);
  const Json& cells = board["tables"][0]["rows"][0]["cells"];
  const Json score = read_json(out / "metrics.json")["score"]["overall"];
  EXPECT_EQ(cells["minitest/overall"]["value"], score["unrounded"]);
  EXPECT_LE(cells["minitest/overall"]["interval"][0], score["unrounded"]);
  EXPECT_GE(cells["minitest/overall"]["interval"][1], score["unrounded"]);
  EXPECT_EQ(cells["resolution"]["value"], 48);
  EXPECT_EQ(board["footnotes"][0],
            "run: " + read_json(out / "manifest.json")["signature"].get<std::string>());

  const CommandResult filtered = bteval_run(
      {"report", "--suite-dir", dir.path().string(), "--published=model=METER,source=ManagerTower"});
  EXPECT_EQ(filtered.exit_status, 0) << filtered.err;
  EXPECT_THAT(filtered.out, HasSubstr("METER"));
  EXPECT_THAT(filtered.out, Not(HasSubstr("BLIP")));
  EXPECT_EQ(bteval_run({"report", out.string(), "--sort", "speed"}).exit_status, 2);
  EXPECT_EQ(bteval_run({"report", out.string(), "--filter", "task=coco"}).exit_status, 2);
  EXPECT_EQ(bteval_run({"report"}).exit_status, 2);
}

TEST_F(VerifyTest, ExportsAModelCardAndMlflowFiles) {
  const CommandResult card =
      bteval_run({"export", out.string(), "--format", "model-index", "--name", "my: \"model\""});
  ASSERT_EQ(card.exit_status, 0) << card.err;
  EXPECT_THAT(card.out, HasSubstr("model-index:\n- name: \"my: \\\"model\\\"\"\n  results:\n"));
  EXPECT_THAT(card.out, HasSubstr("type: \"visual-question-answering\""));
  const Json score = read_json(out / "metrics.json")["score"]["overall"];
  EXPECT_THAT(card.out, HasSubstr(fmt::format("value: {:.2f}\n", score["value"].get<double>())));

  const fs::path folder = dir.path() / "mlflow";
  const CommandResult files =
      bteval_run({"export", out.string(), "--format", "mlflow", "--out", folder.string()});
  ASSERT_EQ(files.exit_status, 0) << files.err;
  EXPECT_THAT(text_of(folder / "metrics/overall"),
              ::testing::EndsWith(" " + score["unrounded"].dump() + " 0\n"));
  EXPECT_TRUE(fs::exists(folder / "metrics/by answer type - yes_no"));
  EXPECT_EQ(text_of(folder / "params/dtype"), "fp32");
  EXPECT_EQ(text_of(folder / "tags/task"), "vqav2");
  EXPECT_EQ(bteval_run({"export", out.string(), "--format", "mlflow"}).exit_status, 2);
  EXPECT_EQ(bteval_run({"export", out.string(), "--format", "parquet"}).exit_status, 2);

  // Whether there is Arrow is known when bteval is built.
  const fs::path table = dir.path() / "samples.arrow";
  const CommandResult exported =
      bteval_run({"export", out.string(), "--format", "arrow", "--out", table.string()});
  EXPECT_EQ(exported.exit_status, fs::exists(table) ? 0 : 2) << exported.err;
  if (fs::exists(table)) {
    EXPECT_THAT(text_of(table), ::testing::StartsWith("ARROW1"));
    EXPECT_THAT(exported.out, HasSubstr(" samples written to "));
  } else {
    EXPECT_THAT(exported.err, HasSubstr("built without Apache Arrow"));
  }
}

}  // namespace
}  // namespace bteval
