// `bteval eval` as a user runs it, on the mini suite and on damaged copies of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "support/mini_vqav2.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::CommandResult;
using bteval::testing::mini_suite;
using bteval::testing::MiniVqav2;
using bteval::testing::run_command;
using bteval::testing::TempDir;
using ::testing::HasSubstr;

const fs::path& mini_model() {
  static const fs::path path = mini_suite() / "checkpoints/vqav2";
  return path;
}

/// Options that the suite file gives the mini model.
std::vector<std::string> mini_options() {
  const Json entry = read_json(mini_suite() / "suite.json").at("entries").at(0);
  return {"--transform",  entry.at("transform").get<std::string>(),
          "--image-size", std::to_string(entry.at("image_size").get<int>()),
          "--max-length", std::to_string(entry.at("max_length").get<int>())};
}

CommandResult eval(std::vector<std::string> arguments) {
  std::vector<std::string> argv = {BTEVAL_BINARY, "eval"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_command(argv);
}

CommandResult eval_mini(const MiniVqav2& data, const fs::path& out, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "vqav2",    "--model", mini_model().string(), "--data", data.root.string(), "--split",
      data.split, "--out",   out.string(),          "--quiet"};
  for (const auto& list : {mini_options(), more}) arguments.insert(arguments.end(), list.begin(), list.end());
  return eval(arguments);
}

class EvalTest : public ::testing::Test {
 protected:
  TempDir dir;
  MiniVqav2 data{dir.path() / "data", 12};
  fs::path out = dir.path() / "run";
};

TEST_F(EvalTest, WritesACompleteRun) {
  const CommandResult result = eval_mini(data, out);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("VQA accuracy"));
  EXPECT_THAT(result.out, HasSubstr("vqav2|split:minitest|scorer:official-2021|n:12|"));

  const Json manifest = read_json(out / "manifest.json");
  EXPECT_EQ(manifest.at("counts").at("samples"), 12);
  EXPECT_EQ(manifest.at("options").at("dtype"), "fp32");
  std::set<std::string> roles;
  for (const Json& input : manifest.at("inputs")) {
    roles.insert(input.at("role").get<std::string>());
    if (input.at("role") == "tokenizer" || input.at("role") == "vocabulary") continue;  // of their content
    if (fs::is_directory(input.at("path").get<std::string>())) continue;
    EXPECT_EQ(input.at("sha256"), sha256_file(input.at("path").get<std::string>())) << input;
  }
  EXPECT_EQ(roles, (std::set<std::string>{"checkpoint", "config", "tokenizer", "questions", "annotations",
                                          "vocabulary"}));
  const Json metrics = read_json(out / "metrics.json");
  EXPECT_EQ(metrics.at("signature"), manifest.at("signature"));
  EXPECT_EQ(metrics.at("score").at("overall").at("count"), 12);
  EXPECT_THAT(std::string(Bytes::map_file(out / "report.md")->text()), HasSubstr("# vqav2 on minitest"));

  const Json submission = read_json(out / "submission.json");
  ASSERT_EQ(submission.size(), 12U);
  for (std::size_t i = 0; i < submission.size(); ++i) {
    EXPECT_EQ(submission[i].at("question_id"), data.questions["questions"][i]["question_id"]);
  }
}

TEST_F(EvalTest, ScoresItsOwnSubmissionTheSame) {
  ASSERT_EQ(eval_mini(data, out).exit_status, 0);
  const fs::path json = dir.path() / "score.json";
  const CommandResult scored =
      run_command({BTEVAL_BINARY, "score", "vqav2", "--questions",
                   (data.root / "v2_OpenEnded_mscoco_minitest_questions.json").string(), "--annotations",
                   (data.root / "v2_mscoco_minitest_annotations.json").string(), "--predictions",
                   (out / "submission.json").string(), "--json", json.string()});
  ASSERT_EQ(scored.exit_status, 0) << scored.err;
  EXPECT_EQ(read_json(json).at("score"), read_json(out / "metrics.json").at("score"));
}

TEST_F(EvalTest, TheSameCommandTwiceGivesTheSameBytes) {
  ASSERT_EQ(eval_mini(data, out).exit_status, 0);
  std::vector<std::string> before;
  const std::vector<std::string> files = {"predictions.jsonl", "metrics.json", "submission.json",
                                          "report.md"};
  for (const auto& file : files) before.push_back(sha256_file(out / file));
  ASSERT_EQ(eval_mini(data, out, {"--loader-threads", "3"}).exit_status, 0);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(sha256_file(out / files[i]), before[i]) << files[i];
  ASSERT_EQ(eval_mini(data, out).exit_status, 0);
  for (std::size_t i = 0; i < files.size(); ++i)
    EXPECT_EQ(sha256_file(out / files[i]), before[i]) << files[i];
}

TEST_F(EvalTest, OpenMpsVariablesChangeNoBit) {
  ASSERT_EQ(eval_mini(data, out, {"--threads", "2"}).exit_status, 0);
  const std::string undisturbed = sha256_file(out / "predictions.jsonl");
  setenv("OMP_DYNAMIC", "true", 1);
  const CommandResult dynamic = eval_mini(data, dir.path() / "dynamic", {"--threads", "2"});
  unsetenv("OMP_DYNAMIC");
  ASSERT_EQ(dynamic.exit_status, 0) << dynamic.err;
  EXPECT_EQ(sha256_file(dir.path() / "dynamic/predictions.jsonl"), undisturbed);
  setenv("OMP_THREAD_LIMIT", "1", 1);
  const CommandResult refused = eval_mini(data, dir.path() / "refused", {"--threads", "2"});
  const CommandResult one = eval_mini(data, dir.path() / "limited");
  unsetenv("OMP_THREAD_LIMIT");
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr("OMP_THREAD_LIMIT=1 does not allow 2 threads"));
  ASSERT_EQ(one.exit_status, 0) << one.err;
  ASSERT_EQ(eval_mini(data, dir.path() / "one", {"--threads", "1"}).exit_status, 0);
  EXPECT_EQ(sha256_file(dir.path() / "limited/predictions.jsonl"),
            sha256_file(dir.path() / "one/predictions.jsonl"));
}

TEST_F(EvalTest, ARunIsNotOverwrittenByAnother) {
  ASSERT_EQ(eval_mini(data, out).exit_status, 0);
  const CommandResult other = eval_mini(data, out, {"--limit", "3"});
  EXPECT_EQ(other.exit_status, 2);
  EXPECT_THAT(other.err, HasSubstr("holds a run of other inputs or options"));
  EXPECT_EQ(eval_mini(data, out, {"--limit", "3", "--force"}).exit_status, 0);
}

TEST_F(EvalTest, APartOfASplitMakesNoSubmission) {
  ASSERT_EQ(eval_mini(data, out, {"--limit", "3"}).exit_status, 0);
  EXPECT_FALSE(fs::exists(out / "submission.json"));
  EXPECT_EQ(read_json(out / "metrics.json").at("score").at("overall").at("count"), 3);
}

TEST_F(EvalTest, ASplitWithoutAnnotationsIsPredictedButNotScored) {
  fs::remove(data.root / "v2_mscoco_minitest_annotations.json");
  const CommandResult result = eval_mini(data, out);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_TRUE(read_json(out / "metrics.json").at("score").is_null());
  EXPECT_EQ(read_json(out / "submission.json").size(), 12U);
}

TEST_F(EvalTest, DryRunWritesNothing) {
  const CommandResult result = eval_mini(data, out, {"--dry-run"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("image passes"));
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(EvalTest, ABadImageStopsTheRunOrIsCountedAsWrong) {
  const std::string bytes(Bytes::map_file(data.image(0))->text());
  write_file_atomic(data.image(0), bytes.substr(0, bytes.size() / 2));
  std::size_t other = 1;  // a question on another picture
  while (data.image(other) == data.image(0)) ++other;
  const std::string other_bytes(Bytes::map_file(data.image(other))->text());
  write_file_atomic(data.image(other), "no picture");
  const CommandResult failed = eval_mini(data, out, {"--images-per-unit", "1"});
  EXPECT_EQ(failed.exit_status, 3);
  for (const std::size_t bad : {std::size_t{0}, other})
    EXPECT_THAT(failed.err, HasSubstr("bteval: " + data.image(bad).string() + ": image "));
  EXPECT_THAT(failed.err, HasSubstr("bteval: 2 of "));
  write_file_atomic(data.image(other), other_bytes);
  EXPECT_FALSE(fs::exists(out / "manifest.json"));

  const CommandResult counted = eval_mini(data, out, {"--on-bad-image", "wrong", "--images-per-unit", "1"});
  EXPECT_EQ(counted.exit_status, 6) << counted.err;
  const Json manifest = read_json(out / "manifest.json");
  std::set<std::string> expected;
  for (std::size_t i = 0; i < 12; ++i) {
    if (data.image(i) == data.image(0)) {
      expected.insert(std::to_string(data.questions["questions"][i]["question_id"].get<std::int64_t>()));
    }
  }
  std::set<std::string> refused;
  for (const Json& entry : manifest.at("refused")) refused.insert(entry.at("id").get<std::string>());
  EXPECT_EQ(refused, expected);
  EXPECT_EQ(manifest.at("counts").at("refused"), expected.size());
  EXPECT_EQ(read_json(out / "metrics.json").at("score").at("overall").at("count"), 12);
}

/// One thing that is wrong with a run's inputs, and what the user is told.
struct BadInput {
  const char* name;
  std::function<std::vector<std::string>(MiniVqav2&, const fs::path&)> damage;  // returns options to add
  int exit_status;
  const char* message;
};

void PrintTo(const BadInput& bad, std::ostream* out) { *out << bad.name; }

class BadInputTest : public EvalTest, public ::testing::WithParamInterface<BadInput> {};

fs::path copy_of_model(const fs::path& folder) {
  fs::copy(mini_model(), folder / "model");
  return folder / "model";
}

const BadInput kBadInputs[] = {
    {"unknown_split",
     [](auto&, auto&) {
       return std::vector<std::string>{"--split", "validation"};
     },
     2, "validation"},
    {"missing_data",
     [](auto&, const fs::path& tmp) {
       return std::vector<std::string>{"--data", (tmp / "none").string()};
     },
     3, "none"},
    {"missing_model",
     [](auto&, const fs::path& tmp) {
       return std::vector<std::string>{"--model", (tmp / "m.ckpt").string(), "--tokenizer",
                                       mini_model().string()};
     },
     4, "m.ckpt"},
    {"truncated_checkpoint",
     [](auto&, const fs::path& tmp) {
       const fs::path model = copy_of_model(tmp);
       fs::resize_file(model / "model.safetensors", fs::file_size(model / "model.safetensors") / 2);
       return std::vector<std::string>{"--model", model.string()};
     },
     4, "model.safetensors"},
    {"vocabulary_of_another_size",
     [](auto&, const fs::path& tmp) {
       write_file_atomic(tmp / "answers.json", R"(["yes", "no"])");
       return std::vector<std::string>{"--vocabulary", (tmp / "answers.json").string()};
     },
     4, "has 2 answers, but the checkpoint's VQA head"},
    {"no_vocabulary",
     [](auto&, const fs::path& tmp) {
       const fs::path model = copy_of_model(tmp);
       fs::remove(model / "vocabulary.json");
       return std::vector<std::string>{"--model", model.string()};
     },
     2, "--vocabulary"},
    {"tokenizer_of_another_model",
     [](auto&, const fs::path& tmp) {
       const fs::path model = copy_of_model(tmp);
       Json tokens = read_json(model / "vocab.json");
       tokens["Ġunheard"] = 70000;
       fs::remove(model / "tokenizer.json");
       write_file_atomic(model / "vocab.json", tokens.dump());
       return std::vector<std::string>{"--tokenizer", model.string()};
     },
     4, "token"},
    {"annotation_without_question",
     [](MiniVqav2& data, auto&) {
       data.questions["questions"].erase(data.questions["questions"].begin() + 3);
       data.write();
       return std::vector<std::string>{};
     },
     3, "question"},
    {"empty_text",
     [](MiniVqav2& data, auto&) {
       data.questions["questions"][2]["question"] = " ";
       data.write();
       return std::vector<std::string>{};
     },
     3, "question_id"},
    {"missing_images",
     [](MiniVqav2& data, auto&) {
       fs::remove(data.image(0));
       fs::remove(data.image(11));
       return std::vector<std::string>{};
     },
     3, "COCO_minitest_"},
    {"lfs_pointer",
     [](MiniVqav2& data, auto&) {
       write_file_atomic(data.root / "v2_OpenEnded_mscoco_minitest_questions.json",
                         "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n");
       return std::vector<std::string>{};
     },
     3, "Git LFS pointer"},
    {"unknown_device",
     [](auto&, auto&) {
       return std::vector<std::string>{"--device", "tpu"};
     },
     2, "no device \"tpu\""},
    {"device_that_is_not_there",
     [](auto&, auto&) {
       return std::vector<std::string>{"--device", "cuda:99"};
     },
     5, ""},
    {"unknown_dtype",
     [](auto&, auto&) {
       return std::vector<std::string>{"--dtype", "fp8"};
     },
     2, "no dtype \"fp8\""},
    {"unknown_scorer",
     [](auto&, auto&) {
       return std::vector<std::string>{"--scorer", "mine"};
     },
     2, "official-2021"},
    {"image_size_that_fits_no_patch",
     [](auto&, auto&) {
       return std::vector<std::string>{"--image-size", "50"};
     },
     2, "no multiple of the patch size"},
    {"text_longer_than_the_model",
     [](auto&, auto&) {
       return std::vector<std::string>{"--max-length", "4000"};
     },
     2, "positions"},
    {"negative_limit",
     [](auto&, auto&) {
       return std::vector<std::string>{"--limit", "-3"};
     },
     2, "--limit"},
    {"unknown_option", [](auto&, auto&) { return std::vector<std::string>{"--turbo"}; }, 2, "--turbo"},
};

TEST_P(BadInputTest, EndsWithOneLineAndTheDocumentedStatus) {
  const BadInput& bad = GetParam();
  const std::vector<std::string> more = bad.damage(data, dir.path());
  std::vector<std::string> arguments = {"vqav2", "--quiet", "--out", out.string()};
  const auto add = [&](const std::string& key, const std::string& value) {
    if (std::find(more.begin(), more.end(), key) == more.end())
      arguments.insert(arguments.end(), {key, value});
  };
  add("--model", mini_model().string());
  add("--data", data.root.string());
  add("--split", data.split);
  const auto defaults = mini_options();
  for (std::size_t i = 0; i < defaults.size(); i += 2) add(defaults[i], defaults[i + 1]);
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = eval(arguments);
  EXPECT_EQ(result.exit_status, bad.exit_status) << result.err;
  EXPECT_THAT(result.err, HasSubstr(bad.message));
  EXPECT_FALSE(fs::exists(out / "manifest.json"));
  if (bad.exit_status != 2) {
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, ::testing::StartsWith("bteval: "));
  }
}

INSTANTIATE_TEST_SUITE_P(Eval, BadInputTest, ::testing::ValuesIn(kBadInputs),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval
