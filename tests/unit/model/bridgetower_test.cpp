#include "model/bridgetower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "unit/model/filled_tensors.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using ::testing::HasSubstr;
using testing::max_difference;
using testing::put_tensor;
using testing::tiny_batch;
using testing::tiny_checkpoint;
using testing::TinyShape;

constexpr double kRounding = 1e-5;

BridgeTower load(const checkpoint::Checkpoint& checkpoint, const LoadOptions& options = {}) {
  return BridgeTower::load(checkpoint, resolve_config(checkpoint), options);
}

template <typename Body>
Error caught(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorCode::kInternal, "");
}

TEST(Load, ListsMissingMisshapenAndUnexpectedParametersAtOnce) {
  for (const Family family : {Family::kOfficial, Family::kHuggingFace}) {
    auto checkpoint = tiny_checkpoint(family);
    const ModelConfig config = resolve_config(checkpoint);
    const std::string prefix = family == Family::kHuggingFace ? "bridgetower." : "";
    const std::string block = (family == Family::kHuggingFace ? prefix + "vision_model" : "vit_model") +
                              std::string(".visual.transformer.resblocks.1.");
    ASSERT_EQ(checkpoint.tensors.erase(block + "ln_1.bias"), 1U);
    ASSERT_EQ(checkpoint.tensors.erase("vqa_classifier.1.weight"), 1U);
    put_tensor(checkpoint, prefix + "cross_modal_text_pooler.dense.weight", at::zeros({16, 15}));
    put_tensor(checkpoint, "itm_score.fc.bias", at::zeros({3}));
    put_tensor(checkpoint, prefix + "cross_modal_text_layers.0.adapter.weight", at::zeros({1}));
    const Error error = caught([&] { BridgeTower::load(checkpoint, config, {}); });
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_EQ(error.context().file, "tiny.ckpt");
    EXPECT_THAT(error.message(), HasSubstr("2 missing: "));
    EXPECT_THAT(error.message(), HasSubstr("visual.transformer.resblocks.1.ln_1.bias"));
    EXPECT_THAT(error.message(), HasSubstr("vqa_classifier.1.weight"));
    EXPECT_THAT(error.message(), HasSubstr("2 misshapen: "));
    EXPECT_THAT(error.message(),
                HasSubstr("cross_modal_text_pooler.dense.weight [16, 15] instead of [16, 16]"));
    EXPECT_THAT(error.message(), HasSubstr("itm_score.fc.bias [3] instead of [2]"));
    EXPECT_THAT(error.message(),
                HasSubstr("1 unexpected: " + prefix + "cross_modal_text_layers.0.adapter.weight"));
  }
}

TEST(Load, IgnoresIndexBuffersPoolersAndClipLeftovers) {
  auto official = tiny_checkpoint(Family::kOfficial),
       hugging_face = tiny_checkpoint(Family::kHuggingFace, {}, false);
  put_tensor(official, "text_transformer.embeddings.position_ids", at::arange(20).unsqueeze(0));
  put_tensor(official, "text_transformer.pooler.dense.weight", at::zeros({12, 12}));
  put_tensor(official, "vit_model.positional_embedding", at::zeros({7, 5}));
  put_tensor(official, "vit_model.ln_final.weight", at::zeros({5}));
  put_tensor(hugging_face, "vision_model.visual.embeddings.position_ids", at::arange(10).unsqueeze(0));
  EXPECT_NO_THROW(load(official));
  EXPECT_NO_THROW(load(hugging_face));
}

TEST(Load, RefusesAParameterOfIntegers) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  put_tensor(checkpoint, "itm_score.fc.bias", at::zeros({2}, at::kLong));
  const Error error = caught([&] { load(checkpoint); });
  EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
  EXPECT_EQ(error.context().record, "tensor itm_score.fc.bias");
}

TEST(Load, RefusesTwoNamesForOneParameter) {
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace);
  put_tensor(checkpoint, "token_type_embeddings.weight", at::zeros({3, 16}));
  EXPECT_EQ(caught([&] { load(checkpoint); }).code(), ErrorCode::kCheckpoint);
}

TEST(Heads, AreReportedAndTheirAbsenceIsAnError) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  const auto full = load(checkpoint);
  EXPECT_EQ(full.label_count(Head::kVqa), 7);
  EXPECT_EQ(full.label_count(Head::kItcText), 5);
  EXPECT_FALSE(full.has_head(Head::kItcCross));
  EXPECT_NEAR(full.temperature().value(), std::exp(-2.5), 1e-7);
  std::erase_if(checkpoint.tensors,
                [](const auto& entry) { return entry.first.starts_with("vqa_classifier."); });
  checkpoint.tensors.erase("temperature");
  const auto bare = load(checkpoint);
  EXPECT_FALSE(bare.has_head(Head::kVqa));
  EXPECT_FALSE(bare.temperature().has_value());
  const Error error = caught([&] { bare.vqa_logits(at::zeros({1, 32})); });
  EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
  EXPECT_THAT(error.message(), HasSubstr("no vqa head"));
}

TEST(Heads, AClassifierOfOneLayerIsOneProduct) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  std::erase_if(checkpoint.tensors,
                [](const auto& entry) { return entry.first.starts_with("snli_classifier."); });
  const at::Tensor weight = at::arange(96, at::kFloat).view({3, 32}).mul_(0.01), bias = at::ones({3});
  put_tensor(checkpoint, "snli_classifier.0.weight", weight);
  put_tensor(checkpoint, "snli_classifier.0.bias", bias);
  const at::Tensor cls = at::linspace(-1, 1, 64).view({2, 32});
  EXPECT_LE(max_difference(load(checkpoint).snli_logits(cls), at::linear(cls, weight, bias)), 1e-5);
}

TEST(Heads, MlmReadsTheWordEmbeddingsWhereTheyAreTied) {
  TinyShape shape;
  shape.text_width = 16;
  shape.text_heads = 2;
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace, shape);
  const auto words = checkpoint.tensors.at("bridgetower.text_model.embeddings.word_embeddings.weight");
  checkpoint.tensors["mlm_score.decoder.weight"] = words;
  const at::Tensor rows = at::linspace(-2, 2, 96).view({2, 3, 16});
  const at::Tensor untied = load(checkpoint).mlm_logits(rows);
  checkpoint.tensors.erase("mlm_score.decoder.weight");
  EXPECT_THAT(caught([&] { load(checkpoint); }).message(), HasSubstr("1 missing: mlm_score.decoder.weight"));
  (*checkpoint.config)["tie_word_embeddings"] = true;
  EXPECT_TRUE(load(checkpoint).mlm_logits(rows).equal(untied));
}

struct Kind {
  const char* name;
  Family family;
  TinyShape shape;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class EveryModel : public ::testing::TestWithParam<Kind> {
 protected:
  static checkpoint::Checkpoint checkpoint_of(const TinyShape& shape) {
    return tiny_checkpoint(GetParam().family, shape);
  }
  static checkpoint::Checkpoint checkpoint() { return checkpoint_of(GetParam().shape); }
};

TEST_P(EveryModel, PaddingChangesNothing) {
  const auto model = load(checkpoint());
  const auto batch = tiny_batch(GetParam().shape, {9, 5, 3});
  const auto image = model.encode_image(batch.pixels);
  const auto together = model.encode_text(batch.ids, batch.mask);
  ASSERT_TRUE(together.key_mask.defined());
  const at::Tensor cls = model.fuse(together, image).cls;
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::int64_t length = batch.mask[i].sum().item<std::int64_t>();
    const auto alone = model.encode_text(batch.ids.slice(0, i, i + 1).slice(1, 0, length).contiguous(),
                                         batch.mask.slice(0, i, i + 1).slice(1, 0, length).contiguous());
    EXPECT_FALSE(alone.key_mask.defined());
    const auto one_image = select(image, at::full({1}, i, at::kLong));
    EXPECT_LE(max_difference(model.fuse(alone, one_image).cls, cls.slice(0, i, i + 1)), kRounding);
    EXPECT_LE(max_difference(model.itc_text(alone), model.itc_text(together).slice(0, i, i + 1)), kRounding);
  }
}

TEST_P(EveryModel, TextsOfAllLengthsMayGoThroughTheTowerTogether) {
  const auto model = load(checkpoint());
  ASSERT_TRUE(model.packs_texts());
  const auto batch = tiny_batch(GetParam().shape, {4, 4, 6, 9});
  const auto together = model.encode_text(batch.ids, batch.mask);
  const auto image = select(model.encode_image(batch.pixels), at::zeros({2}, at::kLong));
  for (const bool padded : {false, true}) {
    const std::int64_t first = padded ? 2 : 0, tokens = padded ? 9 : 4;
    const auto own = [&](const at::Tensor& x) {
      return x.narrow(0, first, 2).narrow(1, 0, tokens).contiguous();
    };
    const auto alone = model.encode_text(own(batch.ids), own(batch.mask));
    const auto part = narrow(together, first, 2, tokens, padded);
    EXPECT_EQ(part.key_mask.defined(), padded);
    EXPECT_EQ(part.levels.size(), alone.levels.size());
    EXPECT_LE(max_difference(part.levels.back(), alone.levels.back()), kRounding);
    EXPECT_LE(max_difference(part.last_row, alone.last_row), kRounding);
    EXPECT_LE(max_difference(model.fuse(part, image).cls, model.fuse(alone, image).cls), kRounding);
    const auto swapped = select(part, at::tensor({1, 0}, at::kLong));
    EXPECT_LE(max_difference(model.fuse(swapped, image).cls, model.fuse(alone, image).cls.flip(0)),
              kRounding);
  }
}

TEST_P(EveryModel, ATextThatBeginsWithPaddingKeepsItsFirstRow) {
  const auto file = checkpoint();
  const auto batch = tiny_batch(GetParam().shape, {6, 4});
  batch.mask[1][0] = 0;
  LoadOptions padding;
  padding.savings.packed_texts = false;
  const auto model = load(file), plain = load(file, padding);
  EXPECT_LE(max_difference(model.encode_text(batch.ids, batch.mask).last_row,
                           plain.encode_text(batch.ids, batch.mask).last_row),
            kRounding);
}

TEST_P(EveryModel, TheShortPathEqualsTheFullOne) {
  for (const std::int64_t layers : {1, 2, 3}) {
    SCOPED_TRACE(layers);
    TinyShape shape = GetParam().shape;
    shape.cross_layers = layers;
    const auto model = load(checkpoint_of(shape));
    const auto batch = tiny_batch(shape, {4, 7});
    const auto text = model.encode_text(batch.ids, batch.mask);
    const auto image = model.encode_image(batch.pixels);
    const Fused full = model.fuse(text, image, true), quick = model.fuse(text, image);
    EXPECT_LE(max_difference(full.cls, quick.cls), kRounding);
    EXPECT_FALSE(quick.text.defined());
    EXPECT_EQ(full.image.sizes(), (at::IntArrayRef{2, 10, shape.hidden}));
  }
}

TEST_P(EveryModel, OneImageServesManyTexts) {
  const auto model = load(checkpoint());
  const auto batch = tiny_batch(GetParam().shape, {6, 4, 8});
  const auto text = model.encode_text(batch.ids, batch.mask);
  const auto all = model.encode_image(batch.pixels);
  const auto one = model.encode_image(batch.pixels.slice(0, 1, 2).contiguous());
  const auto copied = select(all, at::full({3}, 1, at::kLong));
  const auto repeated = select(one, at::zeros({3}, at::kLong));
  EXPECT_EQ(repeated.levels[0].stride(0), 0) << "a single image is not copied";
  EXPECT_LE(max_difference(model.fuse(text, copied).cls, model.fuse(text, repeated).cls), kRounding);
  EXPECT_LE(max_difference(model.fuse(text, copied, true).image, model.fuse(text, repeated, true).image),
            kRounding);
  const auto swapped = select(text, at::tensor({2, 0}, at::kLong));
  EXPECT_LE(max_difference(model.fuse(swapped, select(all, at::tensor({1, 1}, at::kLong))).cls,
                           model.fuse(text, copied).cls.index_select(0, at::tensor({2, 0}, at::kLong))),
            kRounding);
}

TEST_P(EveryModel, TheSameCallGivesTheSameBits) {
  const auto model = load(checkpoint());
  const auto batch = tiny_batch(GetParam().shape, {6, 4, 8});
  const auto run = [&] {
    return model.fuse(model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels)).cls;
  };
  EXPECT_TRUE(run().equal(run()));
}

TEST_P(EveryModel, ReadsNothingThatNobodyHasWritten) {
  const auto file = checkpoint();
  const auto batch = tiny_batch(GetParam().shape, {6, 4, 8});
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const auto run = [&] {
      const auto model = load(file, {at::kCPU, dtype});
      const auto text = model.encode_text(batch.ids, batch.mask);
      return model.vqa_logits(model.fuse(text, model.encode_image(batch.pixels)).cls);
    };
    const at::Tensor plain = run();
    const testing::FilledTensors filled;
    if (!filled.work_here()) GTEST_SKIP() << "this LibTorch fills no tensors";
    EXPECT_TRUE(run().equal(plain)) << dtype;
  }
}

TEST_P(EveryModel, SixteenBitTypesStayClose) {
  const auto file = checkpoint();
  const auto batch = tiny_batch(GetParam().shape, {6, 4});
  const auto run = [&](at::ScalarType dtype) {
    const auto model = load(file, {at::kCPU, dtype});
    return model.vqa_logits(
        model.fuse(model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels)).cls);
  };
  const at::Tensor exact = run(at::kFloat), rounded = run(at::kBFloat16);
  EXPECT_EQ(rounded.scalar_type(), at::kFloat);
  EXPECT_LE(max_difference(exact, rounded), 0.1);
  EXPECT_GT(max_difference(exact, rounded), 0.0);
}

INSTANTIATE_TEST_SUITE_P(Models, EveryModel,
                         ::testing::Values(Kind{"official", Family::kOfficial, {}},
                                           Kind{"hugging_face", Family::kHuggingFace, {}},
                                           Kind{"meter", Family::kOfficial, testing::tiny_meter()},
                                           Kind{"meter_gated", Family::kOfficial, testing::tiny_meter(true)}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(LinkTowers, ScaledAddWithOneAndInterpolateWithAHalf) {
  const auto with = [](const char* name, double value) {
    auto checkpoint = tiny_checkpoint(Family::kHuggingFace);
    if (name != nullptr) {
      for (const char* modality : {"text", "image"}) {
        put_tensor(checkpoint, fmt::format("bridgetower.cross_modal_{}_link_tower.0.{}", modality, name),
                   at::scalar_tensor(value));
      }
    }
    const auto model = load(checkpoint);
    const auto batch = tiny_batch({}, {6, 4});
    Trace trace;
    model.fuse(model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels), true, &trace);
    return trace.at("cross.image_in.1");
  };
  const at::Tensor add = with(nullptr, 0.0);
  EXPECT_TRUE(with("scaled_factor", 1.0).equal(add));
  EXPECT_GT(max_difference(with("scaled_factor", 2.0), add), 0.01);
  // A LayerNorm does not see a common factor, save for its eps.
  EXPECT_LE(max_difference(with("beta", 0.5), add), 1e-3);
  EXPECT_GT(max_difference(with("beta", 0.9), add), 0.01);
  EXPECT_GT(max_difference(with("beta", 0.9), with("beta", 0.1)), 0.01);
}

TEST(Inputs, WrongOnesAreNamed) {
  const auto model = load(tiny_checkpoint(Family::kOfficial));
  const auto batch = tiny_batch({}, {6, 4});
  const auto text_error = [&](const at::Tensor& ids, const at::Tensor& mask) {
    return caught([&] { model.encode_text(ids, mask); });
  };
  at::Tensor ids = batch.ids.clone();
  ids[1][2] = 40;
  EXPECT_EQ(text_error(ids, batch.mask).code(), ErrorCode::kCheckpoint);
  EXPECT_THAT(text_error(ids, batch.mask).message(), HasSubstr("token id 40 is outside"));
  ids[1][2] = -3;
  EXPECT_THAT(text_error(ids, batch.mask).message(), HasSubstr("token id -3 is outside"));
  at::Tensor mask = batch.mask.clone();
  mask[1].fill_(0);
  EXPECT_EQ(text_error(batch.ids, mask).code(), ErrorCode::kData);
  EXPECT_THAT(text_error(batch.ids, mask).message(), HasSubstr("text 1 of the batch is all padding"));
  mask[1].fill_(2);
  EXPECT_THAT(text_error(batch.ids, mask).message(), HasSubstr("0 and 1"));
  EXPECT_EQ(text_error(batch.ids[0], batch.mask[0]).code(), ErrorCode::kUsage);
  const auto longer = tiny_batch({}, {19});
  EXPECT_THAT(text_error(longer.ids, longer.mask).message(), HasSubstr("19 tokens is longer"));

  const Error size = caught([&] { model.encode_image(at::zeros({1, 3, 14, 14})); });
  EXPECT_EQ(size.code(), ErrorCode::kUsage);
  EXPECT_THAT(size.message(), HasSubstr("12 and 16 can"));
  EXPECT_EQ(caught([&] { model.encode_image(at::zeros({3, 12, 12})); }).code(), ErrorCode::kUsage);
  EXPECT_EQ(caught([&] { model.encode_image(batch.pixels, 3); }).code(), ErrorCode::kCheckpoint);
  EXPECT_EQ(caught([&] { model.encode_image(batch.pixels, 0); }).code(), ErrorCode::kCheckpoint);
  EXPECT_NO_THROW(model.encode_image(at::zeros({1, 3, 8, 16})));
}

TEST(Inputs, TwoTokenTypesLeaveNoSecondImage) {
  TinyShape shape;
  shape.token_types = 2;
  const auto model = load(tiny_checkpoint(Family::kOfficial, shape));
  const auto batch = tiny_batch(shape, {4});
  EXPECT_NO_THROW(model.encode_image(batch.pixels, 1));
  EXPECT_THAT(caught([&] { model.encode_image(batch.pixels, 2); }).message(), HasSubstr("NLVR2 needs 3"));
}

}  // namespace
}  // namespace bteval::model
