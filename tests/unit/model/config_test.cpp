#include "model/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/error.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using checkpoint::Checkpoint;
using ::testing::HasSubstr;
using testing::put_tensor;
using testing::tiny_checkpoint;

std::string refusal(const Checkpoint& checkpoint) {
  try {
    resolve_config(checkpoint);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCheckpoint);
    EXPECT_EQ(error.context().file, "tiny.ckpt");
    return error.message();
  }
  return "";
}

TEST(ResolveConfig, ReadsEverySizeFromShapes) {
  for (const Family family : {Family::kOfficial, Family::kHuggingFace}) {
    auto checkpoint = tiny_checkpoint(family);
    checkpoint.config.reset();
    const ModelConfig c = resolve_config(checkpoint);
    EXPECT_EQ(c.family, family);
    EXPECT_EQ(c.hidden_size, 16);
    EXPECT_EQ(c.num_cross_layers, 2);
    EXPECT_EQ(c.ffn_size, 24);
    EXPECT_EQ(c.vocab_size, 40);
    EXPECT_EQ(c.text_width, 12);
    EXPECT_EQ(c.text_layers, 3);
    EXPECT_EQ(c.max_positions, 20);
    EXPECT_EQ(c.max_text_tokens(), 18);
    EXPECT_EQ(c.vision_width, 64);
    EXPECT_EQ(c.vision_layers, 3);
    EXPECT_EQ(c.patch_size, 4);
    EXPECT_EQ(c.image_size, 12);
    EXPECT_EQ(c.vision_ffn_size, 32);
    EXPECT_EQ(c.token_type_rows, 3);
    EXPECT_EQ(c.first_bridged(c.text_layers), 1);
    EXPECT_EQ(c.text_heads, 1);  // width / 64, at least one
    EXPECT_EQ(c.link_tower, LinkTower::kAdd);
  }
}

TEST(ResolveConfig, BareHuggingFaceFilesHaveNoPrefix) {
  EXPECT_EQ(resolve_config(tiny_checkpoint(Family::kHuggingFace, {}, false)).family, Family::kHuggingFace);
}

TEST(ResolveConfig, OfficialHeadsComeFromConfigThenHyperParametersThenWidth) {
  auto checkpoint = tiny_checkpoint(Family::kOfficial);
  EXPECT_EQ(resolve_config(checkpoint).num_heads, 2);
  EXPECT_EQ(resolve_config(checkpoint).text_heads, 4);
  checkpoint.config.reset();
  checkpoint.hyper_parameters = {{"config", {{"num_heads", 8}}}};
  EXPECT_EQ(resolve_config(checkpoint).num_heads, 8);
  checkpoint.hyper_parameters = {{"num_heads", 4}};
  EXPECT_EQ(resolve_config(checkpoint).num_heads, 4);
  checkpoint.hyper_parameters = nullptr;
  EXPECT_EQ(resolve_config(checkpoint).num_heads, 1);
}

TEST(ResolveConfig, EpsIsTheFamilys) {
  auto official = tiny_checkpoint(Family::kOfficial), hugging_face = tiny_checkpoint(Family::kHuggingFace);
  for (Checkpoint* checkpoint : {&official, &hugging_face}) {
    (*checkpoint->config)["layer_norm_eps"] = 2e-5;
    (*checkpoint->config)["text_config"]["layer_norm_eps"] = 3e-5;
    (*checkpoint->config)["vision_config"]["layer_norm_eps"] = 4e-5;
  }
  const ModelConfig a = resolve_config(official), b = resolve_config(hugging_face);
  EXPECT_EQ(a.cross_layer_norm_eps, 1e-12);
  EXPECT_EQ(a.mlm_layer_norm_eps, 1e-12);
  EXPECT_EQ(a.bridge_layer_norm_eps, 1e-5);
  EXPECT_EQ(a.text_layer_norm_eps, 1e-5);
  // transformers builds the cross-modal layers from text_config.
  EXPECT_EQ(b.cross_layer_norm_eps, 3e-5);
  EXPECT_EQ(b.text_layer_norm_eps, 3e-5);
  EXPECT_EQ(b.mlm_layer_norm_eps, 2e-5);
  EXPECT_EQ(b.bridge_layer_norm_eps, 2e-5);
  EXPECT_EQ(b.vision_layer_norm_eps, 4e-5);
}

TEST(ResolveConfig, HuggingFaceLeavesDefaultsOutOfConfigJson) {
  testing::TinyShape shape;
  shape.text_width = shape.hidden = 24;
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace, shape);
  checkpoint.config->at("text_config").erase("num_attention_heads");
  EXPECT_EQ(resolve_config(checkpoint).text_heads, 12);
  EXPECT_EQ(resolve_config(checkpoint).num_heads, 12);
}

TEST(ResolveConfig, LinkTowerTypeComesFromItsParameters) {
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace);
  put_tensor(checkpoint, "bridgetower.cross_modal_text_link_tower.0.beta", at::scalar_tensor(0.3));
  put_tensor(checkpoint, "bridgetower.cross_modal_image_link_tower.0.beta", at::scalar_tensor(0.4));
  EXPECT_EQ(resolve_config(checkpoint).link_tower, LinkTower::kInterpolate);
  (*checkpoint.config)["link_tower_type"] = "add";
  EXPECT_THAT(refusal(checkpoint), HasSubstr("link_tower_type is \"add\", supported is \"interpolate\""));
}

TEST(ResolveConfig, ListsEveryContradictionOfConfigJsonAtOnce) {
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace);
  Json& config = *checkpoint.config;
  config["hidden_size"] = 32;
  config["text_config"]["vocab_size"] = 41;
  config["vision_config"]["image_size"] = 16;
  config["vision_config"]["num_hidden_layers"] = "three";
  config["hidden_act"] = "relu";
  const std::string message = refusal(checkpoint);
  EXPECT_THAT(message, HasSubstr("hidden_size is 32, the parameters say 16"));
  EXPECT_THAT(message, HasSubstr("text_config.vocab_size is 41, the parameters say 40"));
  EXPECT_THAT(message, HasSubstr("vision_config.image_size is 16, the parameters say 12"));
  EXPECT_THAT(message, HasSubstr("vision_config.num_hidden_layers is no whole number but \"three\""));
  EXPECT_THAT(message, HasSubstr("hidden_act is \"relu\""));
}

TEST(ResolveConfig, RemoveLastLayerDeclaresOneLayerMore) {
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace);
  Json& vision = checkpoint.config->at("vision_config");
  vision["num_hidden_layers"] = 4;
  vision["remove_last_layer"] = true;
  EXPECT_EQ(refusal(checkpoint), "");
  vision["num_hidden_layers"] = 3;
  EXPECT_THAT(refusal(checkpoint), HasSubstr("num_hidden_layers is 3, the parameters say 4"));
}

struct RefusedCase {
  const char* name;
  std::function<void(Checkpoint&)> change;
  const char* reason;
};

void PrintTo(const RefusedCase& refused, std::ostream* out) { *out << refused.name; }

class Refused : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, SaysWhy) {
  auto checkpoint = tiny_checkpoint(Family::kHuggingFace, {}, false);
  ASSERT_EQ(refusal(checkpoint), "");
  GetParam().change(checkpoint);
  EXPECT_THAT(refusal(checkpoint), HasSubstr(GetParam().reason));
}

void erase_prefix(Checkpoint& checkpoint, const std::string& prefix) {
  std::erase_if(checkpoint.tensors, [&](const auto& entry) { return entry.first.starts_with(prefix); });
}

INSTANTIATE_TEST_SUITE_P(
    Variants, Refused,
    ::testing::Values(
        RefusedCase{"MeterUnderHuggingFaceNames",
                    [](Checkpoint& c) {
                      for (const std::string modality : {"text", "image"}) {
                        erase_prefix(c, "cross_modal_" + modality + "_layernorm.");
                        erase_prefix(c, "cross_modal_" + modality + "_link_tower.");
                      }
                    },
                    "transformers has no METER"},
        RefusedCase{"OtherVisionTower", [](Checkpoint& c) { erase_prefix(c, "vision_model.visual."); },
                    "no CLIP vision transformer"},
        RefusedCase{"BertTextTower",
                    [](Checkpoint& c) {
                      put_tensor(c, "text_model.embeddings.token_type_embeddings.weight", at::ones({2, 12}));
                    },
                    "only RoBERTa is supported"},
        RefusedCase{"NoCrossModalLayers",
                    [](Checkpoint& c) {
                      erase_prefix(c, "cross_modal_text_layers.");
                      erase_prefix(c, "cross_modal_image_layers.");
                    },
                    "has no cross-modal layers: transformers cannot run that"},
        RefusedCase{
            "SeparateNormTensors",
            [](Checkpoint& c) { put_tensor(c, "vision_model.visual.ln_separate.0.weight", at::ones({64})); },
            "separate vision LayerNorms"},
        RefusedCase{"SeparateNormConfig",
                    [](Checkpoint& c) { (*c.config)["vision_config"]["share_layernorm"] = false; },
                    "separate vision LayerNorms"},
        RefusedCase{"SeparateNormHyper",
                    [](Checkpoint& c) {
                      c.hyper_parameters = {{"config", {{"vit_layernorm_shared", false}}}};
                    },
                    "separate vision LayerNorms"},
        RefusedCase{"SharedLinkTowers", [](Checkpoint& c) { (*c.config)["share_link_tower_layers"] = true; },
                    "share_link_tower_layers"},
        RefusedCase{"SharedLinkTensors",
                    [](Checkpoint& c) {
                      put_tensor(c, "cross_modal_text_link_tower.LayerNorm.weight", at::ones({16}));
                    },
                    "share_link_tower_layers"},
        RefusedCase{"TransformPerLayer",
                    [](Checkpoint& c) { (*c.config)["share_cross_modal_transformer_layers"] = false; },
                    "share_cross_modal_transformer_layers"},
        RefusedCase{"TransformTensorsPerLayer",
                    [](Checkpoint& c) {
                      put_tensor(c, "cross_modal_text_transform.0.weight", at::ones({16, 12}));
                    },
                    "share_cross_modal_transformer_layers"},
        RefusedCase{"UnequalDepth",
                    [](Checkpoint& c) { erase_prefix(c, "vision_model.visual.transformer.resblocks.2."); },
                    "3 text and 2 vision layers"},
        RefusedCase{"UnequalFusion", [](Checkpoint& c) { erase_prefix(c, "cross_modal_image_layers.1."); },
                    "2 text and 1 image cross-modal layers"},
        RefusedCase{"NoTower", [](Checkpoint& c) { c.tensors.clear(); },
                    "is no BridgeTower or METER checkpoint"},
        RefusedCase{"NoEmbeddings", [](Checkpoint& c) { erase_prefix(c, "text_model.embeddings."); },
                    "no text_model.embeddings.word_embeddings.weight"},
        RefusedCase{
            "PositionsNoSquare",
            [](Checkpoint& c) {
              put_tensor(c, "vision_model.visual.embeddings.position_embedding.weight", at::ones({9, 64}));
            },
            "9 position embeddings are no square"},
        RefusedCase{
            "NoPatches",
            [](Checkpoint& c) {
              put_tensor(c, "vision_model.visual.embeddings.position_embedding.weight", at::ones({1, 64}));
            },
            "1 position embeddings are no square"},
        RefusedCase{"HeadsDoNotDivide",
                    [](Checkpoint& c) { (*c.config)["text_config"]["num_attention_heads"] = 5; },
                    "5 attention heads do not divide"},
        RefusedCase{"ZeroHeads", [](Checkpoint& c) { (*c.config)["text_config"]["num_attention_heads"] = 0; },
                    "0 attention heads do not divide"},
        RefusedCase{"HeadsNoNumber",
                    [](Checkpoint& c) { (*c.config)["text_config"]["num_attention_heads"] = "x"; },
                    "num_attention_heads is no number"},
        RefusedCase{"BadEps", [](Checkpoint& c) { (*c.config)["layer_norm_eps"] = 0; }, "layer_norm_eps 0"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval::model
