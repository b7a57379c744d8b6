#include "checkpoint/checkpoint.h"

#include <gmock/gmock.h>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "core/file.h"
#include "core/hash.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"

namespace bteval::checkpoint {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using bteval::testing::golden_data;
using bteval::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::map<std::string, TensorView>& tensors() {
  static const std::map<std::string, TensorView> kTensors = {
      {"a", tensor_of<float>(DType::kFloat32, {2}, {1.0F, 2.0F})},
      {"b", tensor_of<float>(DType::kFloat32, {1}, {3.0F})},
  };
  return kTensors;
}

void write_shards(const fs::path& folder, const std::string& weight_map) {
  write_safetensors(folder / "model-1.safetensors", {{"a", tensors().at("a")}}, {{"format", "pt"}});
  write_safetensors(folder / "model-2.safetensors", {{"b", tensors().at("b")}});
  write_file_atomic(folder / "model.safetensors.index.json",
                    "{\"metadata\":{},\"weight_map\":" + weight_map + "}");
}

std::string refusal(const fs::path& path, const std::optional<fs::path>& config = std::nullopt) {
  return error_of([&] { open_checkpoint(path, config); });
}

TEST(Checkpoint, OpensAFileWithTheConfigBesideIt) {
  const TempDir folder;
  const fs::path path = folder.path() / "weights";
  write_safetensors(path, tensors(), {{"format", "pt"}});
  const Checkpoint bare = open_checkpoint(path);
  EXPECT_EQ(bare.format, Format::kSafetensors);
  EXPECT_EQ(bare.tensors.size(), 2U);
  EXPECT_EQ(bare.config, std::nullopt);
  EXPECT_EQ(bare.metadata.at("format"), "pt");
  EXPECT_THAT(bare.files, ElementsAre(path));
  EXPECT_EQ(checkpoint_sha256(bare), sha256_file(path));

  write_file_atomic(folder.path() / "config.json", R"({"hidden_size": 8})");
  EXPECT_EQ(open_checkpoint(path).config->at("hidden_size"), 8);
  write_file_atomic(folder.path() / "other.json", R"({"hidden_size": 9})");
  const Checkpoint given = open_checkpoint(path, folder.path() / "other.json");
  EXPECT_EQ(given.config->at("hidden_size"), 9);
  EXPECT_EQ(given.config_source, (folder.path() / "other.json").string());
  EXPECT_EQ(open_checkpoint(path, folder.path()).config->at("hidden_size"), 8);
}

TEST(Checkpoint, OpensTorchFilesWhateverTheirExtension) {
  const TempDir folder;
  const fs::path path = folder.path() / "model.safetensors";  // a lie
  fs::copy_file(golden_data("checkpoint/lightning_1_5.ckpt"), path);
  const Checkpoint checkpoint = open_checkpoint(folder.path());
  EXPECT_EQ(checkpoint.format, Format::kTorchZip);
  EXPECT_EQ(checkpoint.tensors.size(), 4U);
  EXPECT_EQ(checkpoint.hyper_parameters.at("config").at("hidden_size"), 64);
}

TEST(Checkpoint, OpensShardedFolders) {
  const TempDir folder;
  write_shards(folder.path(), R"({"b":"model-2.safetensors","a":"model-1.safetensors"})");
  const Checkpoint checkpoint = open_checkpoint(folder.path());
  EXPECT_THAT(float32_values(checkpoint.tensors.at("a")), ElementsAre(1.0F, 2.0F));
  EXPECT_THAT(float32_values(checkpoint.tensors.at("b")), ElementsAre(3.0F));
  EXPECT_EQ(checkpoint.metadata.at("format"), "pt");
  const fs::path first = folder.path() / "model-1.safetensors";
  const fs::path second = folder.path() / "model-2.safetensors";
  EXPECT_THAT(checkpoint.files, ElementsAre(first, second));
  EXPECT_EQ(checkpoint_sha256(checkpoint), sha256(sha256_file(first) + "  model-1.safetensors\n" +
                                                  sha256_file(second) + "  model-2.safetensors\n"));
  EXPECT_EQ(open_checkpoint(folder.path() / "model.safetensors.index.json").tensors.size(), 2U);
}

TEST(Checkpoint, OpensShardedTorchFiles) {
  const TempDir folder;
  fs::copy_file(golden_data("checkpoint/single_item.bin"), folder.path() / "pytorch_model-1.bin");
  fs::copy_file(golden_data("checkpoint/state_dict.bin"), folder.path() / "pytorch_model-2.bin");
  write_file_atomic(folder.path() / "pytorch_model.bin.index.json",
                    R"({"weight_map":{"only":"pytorch_model-1.bin","scale":"pytorch_model-2.bin",)"
                    R"("layer.weight":"pytorch_model-2.bin","layer.bias":"pytorch_model-2.bin",)"
                    R"("embeddings.position_ids":"pytorch_model-2.bin"}})");
  EXPECT_EQ(open_checkpoint(folder.path()).tensors.size(), 5U);
}

TEST(Checkpoint, RefusesIndexesThatContradictTheShards) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"a":"model-1.safetensors","b":"model-1.safetensors"})", "tensor b: is not in this shard"},
      {R"({"a":"model-1.safetensors"})", "no error"},
      {R"({"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-2.safetensors"})",
       "tensor c: is not in this shard"},
      {R"({"a":"model-3.safetensors"})", "model-3.safetensors: cannot open the file"},
      {R"({"a":"../model-1.safetensors"})", "tensor a: its shard '../model-1.safetensors' is not the name"},
      {R"({"a":".."})", "is not the name of a file"},
      {R"({"a":1})", "tensor a: its shard is not a string"},
      {R"({"a":"model.safetensors.index.json"})", "is JSON, not a shard"},
      {R"({})", "its \"weight_map\" is empty"},
      {R"([])", "has no \"weight_map\""},
  };
  for (const auto& [weight_map, message] : cases) {
    const TempDir folder;
    write_shards(folder.path(), weight_map);
    EXPECT_THAT(refusal(folder.path()), HasSubstr(message)) << weight_map;
  }
  const TempDir folder;
  write_shards(folder.path(), R"({"a":"model-1.safetensors"})");
  write_safetensors(folder.path() / "model-1.safetensors", tensors());
  EXPECT_THAT(refusal(folder.path()), HasSubstr("has 2 tensors, but model.safetensors.index.json lists 1"));
  write_shards(folder.path(), R"({"a":"model-1.safetensors","b":"model-2.safetensors"})");
  write_safetensors(folder.path() / "model-2.safetensors", tensors());
  EXPECT_THAT(refusal(folder.path()), HasSubstr("tensor a: is in another shard, too"));
}

TEST(Checkpoint, SaysWhatIsMissingInAFolder) {
  const TempDir folder;
  EXPECT_THAT(refusal(folder.path()),
              HasSubstr("the folder has no model.safetensors, model.safetensors.index.json"));
  write_file_atomic(folder.path() / "z.ckpt", "");
  write_file_atomic(folder.path() / "best.ckpt", "");
  EXPECT_THAT(refusal(folder.path()),
              HasSubstr("name the file itself: " + (folder.path() / "best.ckpt").string()));
  EXPECT_THAT(refusal(folder.path() / "absent"), HasSubstr("absent: cannot open the file"));
  EXPECT_THAT(refusal(std::string(5000, 'x')), HasSubstr("cannot open the file"));
}

TEST(Checkpoint, RefusesBrokenConfigs) {
  const TempDir folder;
  write_safetensors(folder.path() / "m", tensors());
  EXPECT_THAT(refusal(folder.path() / "m", folder.path() / "absent.json"),
              HasSubstr("absent.json: cannot open"));
  write_file_atomic(folder.path() / "list.json", "[1]");
  EXPECT_THAT(refusal(folder.path() / "m", folder.path() / "list.json"), HasSubstr("is not a JSON object"));
  write_file_atomic(folder.path() / "config.json", "{");
  EXPECT_THAT(refusal(folder.path() / "m"), HasSubstr("config.json: at byte 1: is not valid JSON"));
}

TEST(Checkpoint, SaysWhatAFileIsThatHoldsNoWeights) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "the file is empty"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"},
      {"<!DOCTYPE html><html>", "is a web page"},
      {"\n <html>", "is a web page"},
      {"{\"model_type\": \"bridgetower\"}", "name its folder"},
      {"\x80\x02}q\x01.", "is a plain pickle"},
      {"\x1f\x8b\x08 rest", "compressed with gzip"},
      {"\x28\xb5\x2f\xfd rest", "compressed with zstd"},
      {"GGUF rest", "GGUF"},
      {"\x89HDF\r\n\x1a\n", "HDF5"},
      {std::string(257, '\0') + "ustar\0"s, "tar archive"},
      {"hello", "is neither safetensors nor a torch file; it starts with 'hello'"},
      {"PK\x03\x04", "truncated"},
  };
  const TempDir folder;
  for (const auto& [content, message] : cases) {
    write_file_atomic(folder.path() / "f.bin", content);
    EXPECT_THAT(refusal(folder.path() / "f.bin"), HasSubstr(message)) << printable(content);
  }
  EXPECT_THAT(refusal(golden_data("checkpoint/refused_legacy.bin")), HasSubstr("format before PyTorch 1.6"));
  EXPECT_THAT(refusal(golden_data("checkpoint/refused_f8.safetensors")),
              HasSubstr("tensor x: has the dtype F8_E5M2"));
}

}  // namespace
}  // namespace bteval::checkpoint
