#include <gmock/gmock.h>

#include <filesystem>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"

namespace bteval::checkpoint {
namespace {

using bteval::testing::golden_data;
using bteval::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string content(const std::filesystem::path& path) { return std::string(Bytes::map_file(path)->text()); }

TEST(SafetensorsWriter, ReproducesTheReferenceImplementationsBytes) {
  const TempDir folder;
  for (const char* name : {"views", "state_dict", "rounding"}) {
    const auto source = golden_data(std::string("checkpoint/") + name + ".safetensors");
    const SafetensorsFile file = read_safetensors(Bytes::map_file(source));
    write_safetensors(folder.path() / "out", file.tensors, file.metadata);
    EXPECT_EQ(content(folder.path() / "out"), content(source)) << name;
  }
}

TEST(SafetensorsWriter, ConvertsFloatingTensorsOnly) {
  const TempDir folder;
  const auto path = folder.path() / "half.safetensors";
  write_safetensors(path,
                    {{"w", tensor_of<float>(DType::kFloat32, {2}, {1.0F, -0.5F})},
                     {"ids", tensor_of<std::int64_t>(DType::kInt64, {1}, {9})}},
                    {}, {DType::kFloat16});
  const SafetensorsFile file = read_safetensors(Bytes::map_file(path));
  EXPECT_EQ(file.tensors.at("w").dtype, DType::kFloat16);
  EXPECT_THAT(float32_values(file.tensors.at("w")), ElementsAre(1.0F, -0.5F));
  EXPECT_EQ(file.tensors.at("ids").dtype, DType::kInt64);
}

TEST(SafetensorsWriter, StreamsTensorsLargerThanOneChunk) {
  const TempDir folder;
  std::vector<float> values(400'001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 1000);
  const std::map<std::string, TensorView> tensors = {{"big", tensor_of(DType::kFloat32, {400'001}, values)}};
  write_safetensors(folder.path() / "f32", tensors);
  EXPECT_EQ(float32_values(read_safetensors(Bytes::map_file(folder.path() / "f32")).tensors.at("big")),
            values);
  write_safetensors(folder.path() / "bf16", tensors, {}, {DType::kBFloat16});
  const auto file = read_safetensors(Bytes::map_file(folder.path() / "bf16"));
  EXPECT_EQ(float32_values(file.tensors.at("big"))[400'000 - 1], 1000.0F);  // 999 rounds to 1000 with 8 bits
}

TEST(SafetensorsWriter, LeavesNothingBehindWhereItFails) {
  const TempDir folder;
  const std::map<std::string, TensorView> tensors = {{"w", tensor_of<float>(DType::kFloat32, {1}, {1.0F})}};
  try {
    write_safetensors(folder.path() / "none" / "x", tensors);
    FAIL() << "wrote into a folder that does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_THAT(error.what(), HasSubstr("none/x: cannot write the file"));
  }
  std::filesystem::create_directory(folder.path() / "taken");
  EXPECT_THROW(write_safetensors(folder.path() / "taken", tensors), Error);
  EXPECT_THROW(write_safetensors(folder.path() / "y", {{"__metadata__", tensors.at("w")}}), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace bteval::checkpoint
