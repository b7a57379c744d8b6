// Every saving changes rounding at most, and does change the work that is done.
#include "model/savings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/attention.h"
#include "model/bridgetower.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using ::testing::HasSubstr;
using testing::max_difference;
using testing::tiny_checkpoint;
using testing::TinyShape;

constexpr double kRounding = 2e-5;

/// Wide enough for texts of up to 12 tokens beside 26 image rows to be worth absorbing.
TinyShape wide_shape() {
  TinyShape shape;
  shape.hidden = 96;
  shape.heads = 4;
  shape.cross_layers = 3;
  shape.grid = 5;
  return shape;
}

struct Results {
  Fused fused;
  at::Tensor logits;
};

Results run(const checkpoint::Checkpoint& checkpoint, const Savings& savings,
            const testing::TinyBatch& batch) {
  LoadOptions options;
  options.savings = savings;
  const auto model = BridgeTower::load(checkpoint, resolve_config(checkpoint), options);
  const Fused fused = model.fuse(model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels));
  return {fused, model.vqa_logits(fused.cls)};
}

TEST(Savings, EachByItselfAndAllTogetherGiveTheSamePredictions) {
  for (const bool meter : {false, true}) {
    TinyShape shape = meter ? testing::tiny_meter() : wide_shape();
    const auto checkpoint = tiny_checkpoint(Family::kOfficial, shape);
    const auto batch = testing::tiny_batch(shape, {4, 9, 3, 12});
    Savings none;
    for (const NamedSaving& saving : all_savings()) none.*saving.member = false;
    const Results reference = run(checkpoint, none, batch);
    std::vector<std::pair<std::string, Savings>> cases = {{"all", {}}};
    for (const NamedSaving& saving : all_savings()) {
      Savings alone = none, without;
      alone.*saving.member = true;
      without.*saving.member = false;
      cases.emplace_back("only " + std::string(saving.name), alone);
      cases.emplace_back("without " + std::string(saving.name), without);
    }
    for (const auto& [name, savings] : cases) {
      SCOPED_TRACE(name);
      const Results results = run(checkpoint, savings, batch);
      EXPECT_LE(max_difference(results.fused.cls, reference.fused.cls), kRounding);
      EXPECT_LE(max_difference(results.logits, reference.logits), kRounding);
      EXPECT_TRUE(at::equal(results.logits.argmax(1), reference.logits.argmax(1)));
    }
  }
}

TEST(Savings, TakeAwayTheWorkTheyName) {
  const TinyShape shape = wide_shape();
  const auto checkpoint = tiny_checkpoint(Family::kOfficial, shape);
  const auto batch = testing::tiny_batch(shape, {4, 9});
  const auto load = [&](const char* without) {
    LoadOptions options;
    if (*without != '\0') turn_off(options.savings, without);
    return BridgeTower::load(checkpoint, resolve_config(checkpoint), options);
  };
  EXPECT_TRUE(load("").encode_text(batch.ids, batch.mask).first_query.defined());
  EXPECT_TRUE(load("").encode_image(batch.pixels).first_self_attention.defined());
  EXPECT_FALSE(load("").encode_image(batch.pixels).first_query.defined());
  EXPECT_TRUE(load("absorbed-projections").encode_image(batch.pixels).first_query.defined());
  EXPECT_FALSE(load("shared-first-layer").encode_image(batch.pixels).first_self_attention.defined());
  EXPECT_FALSE(load("shared-first-layer").encode_text(batch.ids, batch.mask).first_key_value.defined());
  // Text 0 has four tokens, text 1 nine: with the saving nobody computes rows for the padding.
  const auto padding = [&](const char* without) {
    return load(without).encode_text(batch.ids, batch.mask).levels[0][0].narrow(0, 4, 5);
  };
  EXPECT_TRUE(padding("").eq(0).all().item<bool>());
  EXPECT_FALSE(padding("packed-texts").eq(0).any().item<bool>());
}

TEST(Savings, AreNamedOnceAndAnUnknownNameIsRefused) {
  std::set<std::string_view> names;
  for (const NamedSaving& saving : all_savings()) {
    EXPECT_TRUE(names.insert(saving.name).second) << saving.name;
    Savings savings;
    turn_off(savings, std::string(saving.name));
    EXPECT_FALSE(savings.*saving.member);
    savings.*saving.member = true;
    EXPECT_EQ(savings, Savings{});
  }
  Savings savings;
  try {
    turn_off(savings, "magic");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.message(), HasSubstr("packed-texts, pooled-row, towers-once"));
  }
  EXPECT_EQ(savings, Savings{});
}

/// Projections of one attention, of width 24 with three heads, and inputs of both lengths.
class Absorbed : public ::testing::Test {
 protected:
  static LinearParameters parameters(std::int64_t seed) {
    return {at::sin(at::arange(seed, seed + 576, at::kFloat)).view({24, 24}).mul_(0.3),
            at::cos(at::arange(seed, seed + 24, at::kFloat)).mul_(0.5)};
  }
  static at::Tensor sequence(std::int64_t rows, double step) {
    return at::sin(at::arange(2 * rows * 24, at::kFloat).mul_(step)).view({2, rows, 24});
  }
  static at::Tensor project(const LinearParameters& p, const at::Tensor& x) {
    return at::linear(x, p.weight, p.bias);
  }
  at::Tensor reference(const at::Tensor& x, const at::Tensor& y, const at::Tensor& mask) const {
    return attend(project(query, x), project(key, y), project(value, y), {3, false}, mask);
  }

  LinearParameters query = parameters(1), key = parameters(700), value = parameters(1500),
                   output = parameters(2500);
  at::Tensor few = sequence(5, 0.37), many = sequence(31, 0.11);
};

TEST_F(Absorbed, FewQueriesReadALongSequenceThatIsNotProjected) {
  const FewQueriesAttention attention(key, value, 3, {});
  const at::Tensor got = attention(project(query, few), many, {});
  EXPECT_LE(max_difference(got, reference(few, many, {})), 1e-5);
  at::Tensor mask = at::zeros({2, 1, 31});
  mask.narrow(2, 20, 11)[1].fill_(-3.4028234663852886e38);
  const at::Tensor masked = attention(project(query, few), many, mask);
  EXPECT_LE(max_difference(masked, reference(few, many, mask.unsqueeze(1))), 1e-5);
  EXPECT_GT(max_difference(masked, got), 1e-2);
}

TEST_F(Absorbed, FewKeysAreReadByALongSequenceThatIsNotProjected) {
  const FewKeysAttention attention(query, output, 3, {});
  const at::Tensor k = project(key, few), v = project(value, few);
  const at::Tensor got = attention(many, k, v, {}, many);
  EXPECT_LE(max_difference(got, project(output, reference(many, few, {})) + many), 1e-5);
  at::Tensor mask = at::zeros({2, 1, 1, 5});
  mask.narrow(3, 3, 2)[0].fill_(-3.4028234663852886e38);
  const at::Tensor masked = attention(many, k, v, mask, many);
  EXPECT_LE(max_difference(masked, project(output, reference(many, few, mask)) + many), 1e-5);
  EXPECT_GT(max_difference(masked, got), 1e-2);
}

}  // namespace
}  // namespace bteval::model
