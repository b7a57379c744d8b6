// `bteval convert` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "checkpoint/checkpoint.h"
#include "checkpoint/tensor_copy.h"
#include "core/bytes.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using bteval::testing::CommandResult;
using bteval::testing::golden_data;
using bteval::testing::run_command;
using bteval::testing::TempDir;
using checkpoint::Checkpoint;
using checkpoint::DType;
using ::testing::HasSubstr;

CommandResult convert(const fs::path& in, const fs::path& out, std::vector<std::string> options = {}) {
  std::vector<std::string> argv = {BTEVAL_BINARY, "convert", in.string(), out.string()};
  argv.insert(argv.end(), options.begin(), options.end());
  return run_command(argv);
}

std::string content(const fs::path& path) { return std::string(Bytes::map_file(path)->text()); }

/// Every tensor of `expected` is in `actual` with the same float32 values and shape.
void expect_holds(const Checkpoint& actual, const Checkpoint& expected, const std::string& except = "") {
  for (const auto& [name, view] : expected.tensors) {
    if (name == except || !checkpoint::is_floating(view.dtype)) continue;
    ASSERT_TRUE(actual.tensors.contains(name)) << name;
    EXPECT_EQ(actual.tensors.at(name).shape, view.shape) << name;
    EXPECT_EQ(float32_values(actual.tensors.at(name)), float32_values(view)) << name;
  }
}

TEST(Convert, KeepsEveryTensorBitByBit) {
  const TempDir folder;
  const fs::path in = golden_data("checkpoint/views.bin");
  const CommandResult result = convert(in, folder.path() / "out.safetensors");
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("20 tensors, sha256 "));
  const Checkpoint out = checkpoint::open_checkpoint(folder.path() / "out.safetensors");
  const Checkpoint expected = checkpoint::open_checkpoint(golden_data("checkpoint/views.safetensors"));
  ASSERT_EQ(out.tensors.size(), expected.tensors.size());
  for (const auto& [name, view] : expected.tensors) {
    EXPECT_EQ(out.tensors.at(name).dtype, view.dtype) << name;
    EXPECT_EQ(contiguous_bytes(out.tensors.at(name)), contiguous_bytes(view)) << name;
  }
  EXPECT_EQ(out.metadata.at("format"), "pt");
}

TEST(Convert, IsDeterministicAndLeavesItsOwnOutputUnchanged) {
  const TempDir folder;
  const fs::path one = folder.path() / "one";
  const fs::path two = folder.path() / "two";
  EXPECT_EQ(convert(golden_data("model/large_like/official.ckpt"), one).exit_status, 0);
  EXPECT_EQ(convert(golden_data("model/large_like/official.ckpt"), two).exit_status, 0);
  EXPECT_EQ(content(one), content(two));
  EXPECT_EQ(convert(one, two).exit_status, 0);
  EXPECT_EQ(content(one), content(two));
}

TEST(Convert, GivesHuggingFaceNamesToAnOfficialCheckpoint) {
  const TempDir folder;
  const fs::path out = folder.path() / "hf.safetensors";
  const CommandResult result = convert(golden_data("model/base_like/official.ckpt"), out, {"--names", "hf"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("note: Hugging Face names are read as Hugging Face weights"));
  EXPECT_THAT(result.err, HasSubstr("left out: vit_model.ln_final.weight\n"));
  // The fixture of the other family has the same weights, and heads that official checkpoints do not have.
  Checkpoint expected = checkpoint::open_checkpoint(golden_data("model/base_like/model.safetensors"));
  std::erase_if(expected.tensors,
                [](const auto& item) { return item.first.starts_with("itc_cross_modal_head."); });
  const Checkpoint actual = checkpoint::open_checkpoint(out);
  expect_holds(actual, expected, "logit_scale");
  EXPECT_NEAR(float32_values(actual.tensors.at("logit_scale"))[0],
              float32_values(expected.tensors.at("logit_scale"))[0], 1e-6);
}

TEST(Convert, GivesOfficialNamesToAHuggingFaceCheckpoint) {
  const TempDir folder;
  const fs::path out = folder.path() / "official.safetensors";
  const CommandResult result =
      convert(golden_data("model/base_like/model.safetensors"), out, {"--names", "official"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("left out: itc_cross_modal_head.fc.weight\n"));
  Checkpoint expected = checkpoint::open_checkpoint(golden_data("model/base_like/official.ckpt"));
  const Checkpoint actual = checkpoint::open_checkpoint(out);
  std::erase_if(expected.tensors, [&](const auto& item) {
    return item.first == "vit_model.positional_embedding" || item.first.starts_with("vit_model.ln_final.");
  });
  expect_holds(actual, expected, "temperature");
  EXPECT_NEAR(float32_values(actual.tensors.at("temperature"))[0],
              float32_values(expected.tensors.at("temperature"))[0], 1e-6);
}

TEST(Convert, MeterKeepsItsNamesAndOutputs) {
  const TempDir folder;
  const fs::path data = golden_data("meter/original"), out = folder.path() / "meter.safetensors";
  const CommandResult result = convert(data / "model.ckpt", out, {"--names", "official"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("left out: vit_model.ln_final.weight\n"));
  const auto outputs = [&](const fs::path& model, const fs::path& file) {
    const CommandResult probe =
        run_command({BTEVAL_BINARY, "probe", "forward", "--model", model.string(), "--config",
                     (data / "config.json").string(), "--inputs", (data / "inputs.safetensors").string(),
                     "--device", "cpu", "--out", file.string()});
    EXPECT_EQ(probe.exit_status, 0) << probe.err;
    return content(file);
  };
  EXPECT_EQ(outputs(out, folder.path() / "a"), outputs(data / "model.ckpt", folder.path() / "b"));
  const CommandResult refused = convert(out, folder.path() / "hf", {"--names", "hf"});
  EXPECT_EQ(refused.exit_status, 4);
  EXPECT_THAT(refused.err, HasSubstr("transformers has no METER"));
  EXPECT_FALSE(fs::exists(folder.path() / "hf"));
}

TEST(Convert, ConvertsFloatingTensorsAsAsked) {
  const TempDir folder;
  const fs::path out = folder.path() / "out";
  for (const auto& [text, dtype] :
       {std::pair{"f32", DType::kFloat32}, {"f16", DType::kFloat16}, {"bf16", DType::kBFloat16}}) {
    EXPECT_EQ(convert(golden_data("model/large_like/official.ckpt"), out, {"--dtype", text}).exit_status, 0);
    const Checkpoint actual = checkpoint::open_checkpoint(out);
    for (const auto& [name, view] : actual.tensors) {
      EXPECT_TRUE(!is_floating(view.dtype) || view.dtype == dtype) << name;
    }
  }
  EXPECT_EQ(convert(golden_data("model/large_like/official.ckpt"), out, {"--dtype", "int8"}).exit_status, 2);
}

TEST(Convert, RefusesWhatItCannotDo) {
  const TempDir folder;
  const fs::path copy = folder.path() / "views.safetensors";
  fs::copy_file(golden_data("checkpoint/views.safetensors"), copy);
  const CommandResult same = convert(copy, folder.path() / "." / "views.safetensors");
  EXPECT_EQ(same.exit_status, 2);
  EXPECT_THAT(same.err, HasSubstr("is the input"));
  const CommandResult names = convert(copy, folder.path() / "out", {"--names", "hf"});
  EXPECT_EQ(names.exit_status, 4);
  EXPECT_THAT(names.err, HasSubstr("is no BridgeTower or METER checkpoint"));
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
  EXPECT_EQ(convert(copy, folder.path() / "no" / "such" / "folder").exit_status, 3);
}

}  // namespace
}  // namespace bteval
