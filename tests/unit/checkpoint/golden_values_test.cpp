// The same weights in both file formats and several dtypes must decode to the same bits
// (tests/golden/data/model/README.md).
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/tensor_copy.h"
#include "support/test_paths.h"

namespace bteval::checkpoint {
namespace {

using bteval::testing::golden_data;

TEST(GoldenValues, OfficialAndHuggingFaceFilesOfBaseLikeAreBitIdentical) {
  const Checkpoint official = open_checkpoint(golden_data("model/base_like/official.ckpt"));
  const Checkpoint hugging_face = open_checkpoint(golden_data("model/base_like"));
  ASSERT_EQ(official.format, Format::kTorchZip);
  ASSERT_EQ(hugging_face.format, Format::kSafetensors);
  std::ifstream rows(golden_data("model/base_like/KEYMAP.tsv"));
  std::string row;
  std::size_t compared = 0;
  while (std::getline(rows, row)) {
    std::istringstream columns(row);
    std::string from;
    std::string to;
    std::getline(columns, from, '\t');
    std::getline(columns, to, '\t');
    if (from.starts_with("#") || !official.tensors.contains(from) || !hugging_face.tensors.contains(to))
      continue;
    const TensorView& left = official.tensors.at(from);
    const TensorView& right = hugging_face.tensors.at(to);
    EXPECT_EQ(left.shape, right.shape) << from;
    // The temperature is another number there: logit_scale = -ln of it.
    if (to == "logit_scale" || !is_floating(left.dtype)) continue;
    EXPECT_EQ(float32_values(left), float32_values(right)) << from;
    ++compared;
  }
  EXPECT_GT(compared, 330U);
}

TEST(GoldenValues, EveryBFloat16TensorOfLargeLikeIsInTheOfficialFile) {
  const Checkpoint official = open_checkpoint(golden_data("model/large_like/official.ckpt"));
  const Checkpoint hugging_face = open_checkpoint(golden_data("model/large_like"));
  std::set<std::vector<float>> values;
  for (const auto& [name, view] : official.tensors) {
    if (is_floating(view.dtype)) values.insert(float32_values(view));
  }
  std::size_t compared = 0;
  for (const auto& [name, view] : hugging_face.tensors) {
    if (view.dtype != DType::kBFloat16) continue;
    EXPECT_TRUE(values.contains(float32_values(view))) << name;
    ++compared;
  }
  EXPECT_GT(compared, 190U);
}

TEST(GoldenValues, ViewsWithAnOffsetShareTheirStorage) {
  const Checkpoint official = open_checkpoint(golden_data("model/large_like/official.ckpt"));
  const TensorView& rank = official.tensors.at("rank_output.weight");
  const TensorView& itm = official.tensors.at("itm_score.fc.weight");
  EXPECT_EQ(rank.shape, (std::vector<std::int64_t>{1, itm.shape[1]}));
  EXPECT_GT(rank.data, itm.data);
  EXPECT_LT(rank.data, itm.data + itm.numel() * 2);
}

}  // namespace
}  // namespace bteval::checkpoint
