#include "model/random_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"
#include "model/bridgetower.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

TEST(RandomCheckpoint, IsAModelWhoseAnswersDependOnBothInputs) {
  const auto checkpoint = random_checkpoint(RandomShape::named("small", 64), 5);
  const auto model = BridgeTower::load(checkpoint, resolve_config(checkpoint), {});
  EXPECT_EQ(model.label_count(Head::kVqa), 11);
  EXPECT_EQ(model.label_count(Head::kItm), 2);
  const at::Tensor ids = at::tensor({0, 7, 9, 2, 0, 70, 301, 2}, at::kLong).view({2, 4});
  const at::Tensor pixels = at::sin(at::arange(2 * 3 * 64 * 64, at::kFloat)).view({2, 3, 64, 64});
  const auto text = model.encode_text(ids, at::ones({2, 4}, at::kLong));
  const auto image = model.encode_image(pixels);
  const auto logits = [&](std::vector<std::int64_t> texts, std::vector<std::int64_t> images) {
    return model.vqa_logits(
        model.fuse(select(text, at::tensor(texts)), select(image, at::tensor(images))).cls);
  };
  const at::Tensor both = logits({0, 1}, {0, 0}), other = logits({0, 1}, {1, 1});
  EXPECT_TRUE(at::isfinite(both).all().item<bool>());
  EXPECT_GT(testing::max_difference(both[0], both[1]), 1e-3);
  EXPECT_GT(testing::max_difference(both[0], other[0]), 1e-3);
}

TEST(RandomCheckpoint, IsTheSameForTheSameSeed) {
  const auto shape = RandomShape::named("small", 32);
  const auto a = random_checkpoint(shape, 5), b = random_checkpoint(shape, 5),
             c = random_checkpoint(shape, 6);
  for (const auto& [name, view] : a.tensors) {
    const auto bytes = static_cast<std::size_t>(view.numel()) * sizeof(float);
    EXPECT_EQ(std::memcmp(view.data, b.tensors.at(name).data, bytes), 0) << name;
    EXPECT_NE(std::memcmp(view.data, c.tensors.at(name).data, bytes), 0) << name;
  }
}

TEST(RandomCheckpoint, HasThePublishedSizes) {
  const auto base = RandomShape::named("base", 576), large = RandomShape::named("large", 294);
  EXPECT_EQ(base.hidden, 768);
  EXPECT_EQ(base.layers, 12);
  EXPECT_EQ(large.hidden, 1024);
  EXPECT_EQ(large.layers, 24);
  EXPECT_EQ(large.patch, 14);
}

TEST(RandomCheckpoint, RefusesUnknownNamesAndSizes) {
  for (const auto& [name, size] : std::vector<std::pair<std::string, int>>{
           {"huge", 384}, {"base", 385}, {"large", 384}, {"base", 0}, {"base", -16}}) {
    SCOPED_TRACE(name);
    try {
      RandomShape::named(name, size);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
    }
  }
}

}  // namespace
}  // namespace bteval::model
