// `bteval inspect` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using bteval::testing::CommandResult;
using bteval::testing::golden_data;
using bteval::testing::run_command;
using bteval::testing::TempDir;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

CommandResult inspect(std::vector<std::string> arguments) {
  std::vector<std::string> argv = {BTEVAL_BINARY, "inspect"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_command(argv);
}

Json inspect_json(const std::filesystem::path& model) {
  const CommandResult result = inspect({model.string(), "--json"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return Json::parse(result.out);
}

TEST(Inspect, DescribesAnOfficialCheckpoint) {
  const auto path = golden_data("model/base_like/official.ckpt");
  const Json report = inspect_json(path);
  EXPECT_EQ(report.at("format"), "torch zip");
  EXPECT_EQ(report.at("sha256"), sha256_file(path));
  EXPECT_EQ(report.at("architecture"), "bridgetower");
  EXPECT_FALSE(report.contains("gated"));
  EXPECT_EQ(report.at("family"), "official");
  EXPECT_EQ(report.at("loads"), true);
  EXPECT_EQ(report.at("sizes").at("hidden_size"), 64);
  EXPECT_EQ(report.at("sizes").at("num_heads"), 4);
  EXPECT_EQ(report.at("sizes").at("num_cross_layers"), 3);
  EXPECT_EQ(report.at("sizes").at("cross_layer_norm_eps"), 1e-12);
  const Json heads = {{"vqa", 31},  {"nlvr2", 2},     {"snli", 3},       {"itm", 2},
                      {"mlm", 160}, {"itc_text", 24}, {"itc_image", 24}, {"rank_output", 1}};
  EXPECT_EQ(report.at("heads"), heads);
  EXPECT_EQ(report.at("hyper_parameters").at("max_text_len"), 16);
  EXPECT_THAT(report.at("hyper_parameters").at("loss_names"), Contains("vqa"));
  EXPECT_THAT(report.at("unused"), Contains("vit_model.ln_final.weight"));
  std::int64_t elements = 0;
  for (const auto& [dtype, count] : report.at("dtypes").items())
    elements += count.at("elements").get<std::int64_t>();
  EXPECT_LT(report.at("parameters"), elements);
  EXPECT_GT(report.at("parameters"), elements * 9 / 10);
}

TEST(Inspect, DescribesAHuggingFaceFolder) {
  const Json report = inspect_json(golden_data("model/large_like"));
  EXPECT_EQ(report.at("format"), "safetensors");
  EXPECT_EQ(report.at("family"), "hugging-face");
  EXPECT_EQ(report.at("loads"), true);
  EXPECT_EQ(report.at("sizes").at("vision_width"), 128);
  EXPECT_EQ(report.at("sizes").at("cross_layer_norm_eps"), 1e-5);
  EXPECT_EQ(report.at("unused").size(), 4U);
  for (const std::string name : report.at("unused")) {
    EXPECT_TRUE(name.ends_with("position_ids") || name.find("pooler") != std::string::npos) << name;
  }
  EXPECT_EQ(report.at("dtypes").at("I64").at("tensors"), 2);
  EXPECT_EQ(report.at("dtypes").at("F32").at("tensors"), 1);  // logit_scale
}

TEST(Inspect, TellsMeterAndItsVariantFromBridgeTower) {
  for (const std::string variant : {"plain", "gated", "original"}) {
    SCOPED_TRACE(variant);
    const auto folder = golden_data("meter/" + variant);
    const CommandResult result = inspect({(folder / "model.ckpt").string(), "--json"});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    const Json report = Json::parse(result.out);
    EXPECT_EQ(report.at("architecture"), "meter");
    EXPECT_EQ(report.at("gated"), variant == "gated");
    EXPECT_EQ(report.at("family"), "official");
    EXPECT_EQ(report.at("loads"), true);
    EXPECT_EQ(report.at("sizes").at("link_tower"), "none");
    EXPECT_EQ(report.at("sizes").at("text_layers"), variant == "original" ? 4 : 3);
    EXPECT_EQ(report.at("sizes").at("vision_layers"), 3);
    EXPECT_EQ(report.at("hyper_parameters").at(variant == "original" ? "num_top_layer" : "num_layers"),
              variant == "original" ? 3 : 2);
  }
}

TEST(Inspect, PrintsOneFactALine) {
  const CommandResult result = inspect({golden_data("model/base_like/official.ckpt").string()});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  for (const char* line :
       {"\narchitecture +bridgetower\n", "\nfamily +official\n", "\nnum_heads +4\n", "\nheads.vqa +31\n",
        "\nloads +yes\n", "\nhyper_parameters.loss_names +irtr, .*vqa\n"}) {
    EXPECT_THAT(result.out, ContainsRegex(line));
  }
}

TEST(Inspect, ReportsWhatItCanOfAFileThatIsNoBridgeTower) {
  const CommandResult result = inspect({golden_data("checkpoint/views.safetensors").string(), "--json"});
  EXPECT_EQ(result.exit_status, 4);
  EXPECT_THAT(result.err, HasSubstr("views.safetensors: is no BridgeTower or METER checkpoint"));
  const Json report = Json::parse(result.out);
  EXPECT_EQ(report.at("loads"), false);
  EXPECT_EQ(report.at("tensors"), 20);
  EXPECT_FALSE(report.contains("family"));
}

TEST(Inspect, RefusesFilesWithOneLineAndStatusFour) {
  const TempDir folder;
  const std::filesystem::path pointer = folder.path() / "model.safetensors";
  write_file_atomic(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n");
  const std::pair<std::string, const char*> cases[] = {
      {(folder.path() / "absent").string(), "cannot open the file"},
      {folder.path().string(), "Git LFS pointer"},
      {golden_data("checkpoint/refused_legacy.bin").string(), "before PyTorch 1.6"},
      {golden_data("checkpoint/refused_module.bin").string(), "a whole object"},
  };
  for (const auto& [path, message] : cases) {
    const CommandResult result = inspect({path});
    EXPECT_EQ(result.exit_status, 4) << path;
    EXPECT_EQ(result.out, "") << path;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
  EXPECT_EQ(inspect({}).exit_status, 2);
}

}  // namespace
}  // namespace bteval
