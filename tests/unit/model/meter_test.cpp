// What only METER has: unequal towers, gates, files without a temperature; and models without cross-modal
// layers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "model/bridgetower.h"
#include "model/key_map.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using checkpoint::Checkpoint;
using ::testing::HasSubstr;
using testing::max_difference;
using testing::put_tensor;
using testing::tiny_batch;
using testing::tiny_checkpoint;
using testing::tiny_meter;
using testing::TinyShape;

constexpr double kRounding = 1e-5;

BridgeTower load(const Checkpoint& checkpoint) {
  return BridgeTower::load(checkpoint, resolve_config(checkpoint), {});
}

Checkpoint meter(bool gated = false) { return tiny_checkpoint(Family::kOfficial, tiny_meter(gated)); }

template <typename Body>
std::string refusal(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_EQ(error.context().file, "tiny.ckpt");
    return error.message();
  }
  return "";
}

std::string config_refusal(const Checkpoint& checkpoint) {
  return refusal([&] { resolve_config(checkpoint); });
}

TEST(MeterConfig, IsToldByNamesAloneAndCountsEachTower) {
  auto checkpoint = meter();
  checkpoint.config.reset();
  const ModelConfig c = resolve_config(checkpoint);
  EXPECT_EQ(c.architecture, Architecture::kMeter);
  EXPECT_FALSE(c.gated);
  EXPECT_STREQ(model_name(c), "meter");
  EXPECT_EQ(c.text_layers, 3);
  EXPECT_EQ(c.vision_layers, 2);
  EXPECT_EQ(c.num_cross_layers, 2);
  EXPECT_EQ(c.ffn_size, 24);
  EXPECT_EQ(c.cross_layer_norm_eps, 1e-12);
  EXPECT_EQ(c.first_bridged(c.text_layers), 2);
  EXPECT_EQ(c.first_bridged(c.vision_layers), 1);
  const ModelConfig gated = resolve_config(meter(true));
  EXPECT_TRUE(gated.gated);
  EXPECT_STREQ(model_name(gated), "meter-gated");
  EXPECT_STREQ(model_name(resolve_config(tiny_checkpoint(Family::kOfficial))), "official");
  EXPECT_STREQ(model_name(resolve_config(tiny_checkpoint(Family::kHuggingFace))), "hugging-face");
}

TEST(MeterConfig, ABridgeTowerOfOneCrossModalLayerIsNone) {
  TinyShape shape;
  shape.cross_layers = 1;  // no link tower: the LayerNorm tells
  EXPECT_EQ(resolve_config(tiny_checkpoint(Family::kOfficial, shape)).architecture,
            Architecture::kBridgeTower);
}

// Only one of the names that METER lacks has to be there, so that a damaged BridgeTower is told what it
// misses.
TEST(MeterConfig, ABridgeTowerWithoutItsTextLayerNormStaysOne) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  checkpoint.tensors.erase("cross_modal_text_layernorm.weight");
  checkpoint.tensors.erase("cross_modal_text_layernorm.bias");
  EXPECT_THAT(refusal([&] { load(checkpoint); }),
              HasSubstr("do not make a BridgeTower: 2 missing: cross_modal_text_layernorm.weight"));
}

TEST(MeterConfig, MoreCrossModalLayersThanTowerLayersAreFine) {
  TinyShape shape = tiny_meter();
  shape.cross_layers = 5;
  EXPECT_EQ(resolve_config(tiny_checkpoint(Family::kOfficial, shape)).num_cross_layers, 5);
  shape.meter = false;
  shape.vision_layers = shape.layers;
  EXPECT_THAT(config_refusal(tiny_checkpoint(Family::kOfficial, shape)),
              HasSubstr("5 cross-modal layers cannot be bridged to 3 tower layers"));
}

TEST(MeterConfig, ListsEveryContradictionOfConfigJson) {
  auto checkpoint = meter();
  Json& config = *checkpoint.config;
  config["model_type"] = "bridgetower";
  config["meter_fusion"] = true;
  config["intermediate_size"] = 25;
  config["vision_config"]["num_hidden_layers"] = 3;
  config["link_tower_type"] = "interpolate";  // METER has none, whatever its value
  const std::string message = config_refusal(checkpoint);
  EXPECT_THAT(message, HasSubstr("model_type is \"bridgetower\", supported is \"meter\""));
  EXPECT_THAT(message, HasSubstr("meter_fusion is true, the parameters say false"));
  EXPECT_THAT(message, HasSubstr("intermediate_size is 25, the parameters say 24"));
  EXPECT_THAT(message, HasSubstr("vision_config.num_hidden_layers is 3, the parameters say 2"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("link_tower_type")));
}

TEST(MeterConfig, HyperParametersHaveToFit) {
  auto copy = meter();
  const Json fitting = {{"model_type", "METER"},
                        {"meter_fusion", false},
                        {"num_layers", 2},
                        {"hidden_size", 16},
                        {"input_text_embed_size", 12},
                        {"mlp_ratio", 1.5},
                        {"input_image_embed_size", 64},
                        {"num_heads", 2}};
  copy.hyper_parameters = {{"config", fitting}};
  EXPECT_EQ(config_refusal(copy), "");
  copy.hyper_parameters = {{"config",
                            {{"model_type", "BT"},
                             {"meter_fusion", true},
                             {"num_layers", 6},
                             {"hidden_size", 768},
                             {"mlp_ratio", 4},
                             {"input_text_embed_size", 13},
                             {"input_image_embed_size", 65}}}};
  const std::string message = config_refusal(copy);
  EXPECT_THAT(message, HasSubstr("hyper_parameters do not fit the weights"));
  for (const char* part :
       {"model_type is \"BT\"", "meter_fusion is true", "num_layers is 6, the parameters say 2",
        "hidden_size is 768", "mlp_ratio is 4, the parameters say 24 / 16", "input_text_embed_size is 13",
        "input_image_embed_size is 65"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
}

TEST(MeterConfig, TheOriginalsNumLayersHasNoEffect) {
  auto original = meter();
  original.hyper_parameters = {{"config", {{"num_top_layer", 2}, {"num_layers", 6}}}};
  EXPECT_EQ(config_refusal(original), "");
  original.hyper_parameters["config"]["num_top_layer"] = 3;
  EXPECT_THAT(config_refusal(original), HasSubstr("num_top_layer is 3, the parameters say 2"));
}

TEST(MeterConfig, HyperParametersOfABridgeTowerHaveToFitToo) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  checkpoint.hyper_parameters = {{"config", {{"model_type", "BT"}, {"num_layers", 2}}}};
  EXPECT_EQ(config_refusal(checkpoint), "");
  checkpoint.hyper_parameters["config"]["model_type"] = "METER";
  EXPECT_THAT(config_refusal(checkpoint), HasSubstr("model_type is \"METER\", supported is \"BT\""));
}

TEST(MeterConfig, GatesNeedTowersOfTheHiddenSize) {
  auto checkpoint = meter();
  put_tensor(checkpoint, "text_gate.weight", at::ones({16, 16}));
  EXPECT_THAT(config_refusal(checkpoint), HasSubstr("is a METER with gates (meter_fusion)"));
}

TEST(MeterLoad, NamesWhatIsMissing) {
  auto checkpoint = meter(true);
  checkpoint.tensors.erase("image_gate.bias");
  checkpoint.tensors.erase("cross_modal_image_pooler.dense.bias");
  EXPECT_THAT(
      refusal([&] { load(checkpoint); }),
      HasSubstr("do not make a METER: 2 missing: image_gate.bias, cross_modal_image_pooler.dense.bias"));
}

TEST(MeterLoad, NeedsNoTemperature) {
  auto checkpoint = meter();
  ASSERT_EQ(checkpoint.tensors.erase("temperature"), 1U);
  EXPECT_FALSE(load(checkpoint).temperature().has_value());
}

TEST(MeterFeatures, HoldOneLevelWhateverTheLayers) {
  for (const std::int64_t layers : {1, 4}) {
    TinyShape shape = tiny_meter();
    shape.cross_layers = layers;
    const auto model = load(tiny_checkpoint(Family::kOfficial, shape));
    const auto batch = tiny_batch(shape, {5, 3});
    EXPECT_EQ(model.encode_text(batch.ids, batch.mask).levels.size(), 1U);
    EXPECT_EQ(model.encode_image(batch.pixels).levels.size(), 1U);
  }
}

TEST(MeterFeatures, EachLayerReadsWhatTheOneBeforePutOut) {
  TinyShape shape = tiny_meter();
  shape.cross_layers = 3;
  const auto model = load(tiny_checkpoint(Family::kOfficial, shape));
  const auto batch = tiny_batch(shape, {6, 4});
  Trace trace;
  model.fuse(model.encode_text(batch.ids, batch.mask, &trace), model.encode_image(batch.pixels, 1, &trace),
             true, &trace);
  for (const std::string modality : {"text", "image"}) {
    for (int j = 0; j < 2; ++j) {
      EXPECT_TRUE(trace.at(fmt::format("cross.{}_in.{}", modality, j + 1))
                      .equal(trace.at(fmt::format("cross.{}_out.{}", modality, j))));
    }
  }
}

TEST(MeterFeatures, TheTwoImagesOfAPairDifferByTheirType) {
  const auto model = load(meter());
  const auto batch = tiny_batch(tiny_meter(), {5});
  const at::Tensor first = model.encode_image(batch.pixels, 1).levels[0];
  const at::Tensor second = model.encode_image(batch.pixels, 2).levels[0];
  EXPECT_GT(max_difference(first, second), 0.01);
}

// The gate and its absence see the same towers; ITC reads them before the gate.
TEST(MeterGate, ChangesTheFusionButNotItc) {
  auto gated = meter(true), plain = gated;
  std::erase_if(plain.tensors,
                [](const auto& entry) { return entry.first.find("_gate.") != std::string::npos; });
  const auto with = load(gated), without = load(plain);
  const auto batch = tiny_batch(tiny_meter(true), {5, 7});
  const auto run = [&](const BridgeTower& model) {
    return std::pair{model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels)};
  };
  const auto [text, image] = run(with);
  const auto [plain_text, plain_image] = run(without);
  EXPECT_TRUE(with.itc_text(text).equal(without.itc_text(plain_text)));
  EXPECT_TRUE(with.itc_image(image).equal(without.itc_image(plain_image)));
  EXPECT_GT(max_difference(text.levels[0], plain_text.levels[0]), 0.01);
  EXPECT_GT(max_difference(image.levels[0], plain_image.levels[0]), 0.01);
}

// Equal shares for all layers, which a gate of zeros gives, add their mean.
TEST(MeterGate, OfZerosAddsTheMeanOfTheLayersBelow) {
  auto checkpoint = meter(true);
  for (const char* name : {"text_gate", "image_gate"}) {
    put_tensor(checkpoint, std::string(name) + ".weight", at::zeros({64, 64}));
    put_tensor(checkpoint, std::string(name) + ".bias", at::zeros({64}));
  }
  // The projection becomes the identity and the type nothing, so that the level shows the mixture.
  put_tensor(checkpoint, "cross_modal_text_transform.weight", at::eye(64));
  put_tensor(checkpoint, "cross_modal_text_transform.bias", at::zeros({64}));
  put_tensor(checkpoint, "token_type_embeddings.weight", at::zeros({3, 64}));
  const auto batch = tiny_batch(tiny_meter(true), {5, 7});
  Trace trace;
  const auto text = load(checkpoint).encode_text(batch.ids, batch.mask, &trace);
  const at::Tensor mean = (trace.at("text.layer.0") + trace.at("text.layer.1")) / 2;
  EXPECT_LE(max_difference(text.levels[0], trace.at("text.layer.2") + mean), kRounding);
}

TEST(MeterGate, WithOneLayerThereIsNothingToAdd) {
  TinyShape shape = tiny_meter(true);
  shape.layers = shape.vision_layers = 1;
  auto gated = tiny_checkpoint(Family::kOfficial, shape), plain = gated;
  std::erase_if(plain.tensors,
                [](const auto& entry) { return entry.first.find("_gate.") != std::string::npos; });
  const auto batch = tiny_batch(shape, {5, 7});
  const auto run = [&](const BridgeTower& model) {
    return model.fuse(model.encode_text(batch.ids, batch.mask), model.encode_image(batch.pixels)).cls;
  };
  EXPECT_TRUE(run(load(gated)).equal(run(load(plain))));
}

// Without cross-modal layers the poolers read the towers' last outputs, unprojected.
TEST(NoCrossModalLayers, PoolTheTowersOutputs) {
  for (const bool is_meter : {true, false}) {
    SCOPED_TRACE(is_meter);
    TinyShape shape;
    shape.meter = is_meter;
    shape.cross_layers = 0;
    shape.hidden = shape.text_width = 64;
    const auto checkpoint = tiny_checkpoint(Family::kOfficial, shape);
    const auto model = load(checkpoint);
    EXPECT_EQ(model.config().num_cross_layers, 0);
    const auto batch = tiny_batch(shape, {5, 7});
    const auto text = model.encode_text(batch.ids, batch.mask);
    const auto image = model.encode_image(batch.pixels);
    const auto fused = model.fuse(text, image, true);
    const auto parameters = testing::tiny_parameters(shape);
    const auto pooled = [&](const std::string& modality, const at::Tensor& row) {
      const std::string name = "cross_modal_" + modality + "_pooler.dense.";
      return at::tanh(at::linear(row, parameters.at(name + "weight"), parameters.at(name + "bias")));
    };
    const at::Tensor expected = at::cat({pooled("text", text.last_row), pooled("image", image.last_row)}, 1);
    EXPECT_LE(max_difference(fused.cls, expected), kRounding);
    EXPECT_LE(max_difference(model.fuse(text, image).cls, expected), kRounding);
    EXPECT_EQ(fused.text.sizes(), (at::IntArrayRef{2, 7, 64}));
    const auto swapped = at::tensor({1, 0}, at::kLong);
    EXPECT_LE(max_difference(model.fuse(select(text, swapped), select(image, swapped)).cls,
                             expected.index_select(0, swapped)),
              kRounding);
  }
}

TEST(NoCrossModalLayers, NeedTowersOfTheHiddenSize) {
  TinyShape shape = tiny_meter();
  shape.cross_layers = 0;
  EXPECT_THAT(config_refusal(tiny_checkpoint(Family::kOfficial, shape)),
              HasSubstr("has no cross-modal layers: the poolers then read the towers' own outputs"));
}

}  // namespace
}  // namespace bteval::model
