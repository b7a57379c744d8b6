// `bteval probe retrieval` as a program: files in, files out, exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using testing::CommandResult;
using testing::golden_data;
using ::testing::HasSubstr;

class ProbeRetrieval : public ::testing::Test {
 protected:
  CommandResult probe(const std::filesystem::path& model, const std::filesystem::path& inputs,
                      const std::string& top_k = "10") {
    return testing::run_command({BTEVAL_BINARY, "probe", "retrieval", "--model", model.string(), "--config",
                                 golden_data("model/base_like/config.json").string(), "--inputs",
                                 inputs.string(), "--top-k", top_k, "--out", out().string(), "--device",
                                 "cpu"});
  }
  std::filesystem::path out() const { return dir.path() / "out.safetensors"; }

  testing::TempDir dir;
  std::filesystem::path model = golden_data("model/base_like/official.ckpt");
  std::filesystem::path inputs = golden_data("model/retrieval/inputs.safetensors");
};

TEST_F(ProbeRetrieval, WritesEveryTensorOfTheFixture) {
  const CommandResult result = probe(model, inputs);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const auto written = checkpoint::read_safetensors(Bytes::map_file(out()));
  const auto expected =
      checkpoint::read_safetensors(Bytes::map_file(golden_data("model/retrieval/expected.safetensors")));
  for (const auto& [name, want] : expected.tensors) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(written.tensors.contains(name));
    const checkpoint::TensorView& view = written.tensors.at(name);
    EXPECT_EQ(view.shape, want.shape);
    ASSERT_EQ(view.dtype, want.dtype);
    if (!checkpoint::is_floating(view.dtype)) continue;
    const auto values = checkpoint::float32_values(view), wanted = checkpoint::float32_values(want);
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], wanted[i], 3e-5) << i;
  }
}

TEST_F(ProbeRetrieval, LeavesOutWhatTheCheckpointHasNoHeadFor) {
  auto checkpoint = checkpoint::open_checkpoint(model).tensors;
  std::erase_if(checkpoint, [](const auto& entry) {
    return entry.first.starts_with("itc_") || entry.first.starts_with("rank_output");
  });
  const auto reduced = dir.path() / "reduced.safetensors";
  checkpoint::write_safetensors(reduced, checkpoint);
  const CommandResult result = probe(reduced, inputs);
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const auto written = checkpoint::read_safetensors(Bytes::map_file(out()));
  ASSERT_EQ(written.tensors.size(), 1U);
  EXPECT_TRUE(written.tensors.contains("itm_full"));
}

TEST_F(ProbeRetrieval, NamesTheInputThatIsWrong) {
  const CommandResult missing = probe(model, golden_data("model/retrieval/expected.safetensors"));
  EXPECT_EQ(missing.exit_status, 3);
  EXPECT_THAT(missing.err, HasSubstr("has no tensor pixel_values"));
  EXPECT_EQ(probe(model, inputs, "0").exit_status, 2);

  auto file = checkpoint::read_safetensors(Bytes::map_file(inputs));
  const auto damaged = dir.path() / "damaged.safetensors";
  std::vector<std::uint8_t> mask(24 * 16, 1);
  mask[5 * 16 + 3] = 0;  // a hole
  file.tensors.at("attention_mask").data = reinterpret_cast<const std::byte*>(mask.data());
  checkpoint::write_safetensors(damaged, file.tensors);
  const CommandResult hole = probe(model, damaged);
  EXPECT_EQ(hole.exit_status, 3);
  EXPECT_THAT(hole.err, HasSubstr("attention_mask"));
  EXPECT_THAT(hole.err, HasSubstr("row 5"));

  file = checkpoint::read_safetensors(Bytes::map_file(inputs));
  std::vector<std::int64_t> index(24, 3);
  index[7] = 12;  // there are images 0 to 11
  file.tensors.at("text_image_index").data = reinterpret_cast<const std::byte*>(index.data());
  checkpoint::write_safetensors(damaged, file.tensors);
  const CommandResult outside = probe(model, damaged);
  EXPECT_EQ(outside.exit_status, 3);
  EXPECT_THAT(outside.err, HasSubstr("text_image_index"));
}

}  // namespace
}  // namespace bteval
