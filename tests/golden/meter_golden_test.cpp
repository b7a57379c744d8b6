// METER against outputs of the published implementations: the copy in microsoft/BridgeTower ("plain"), its
// variant meter_fusion ("gated") and zdou0830/METER ("original"). tests/golden/data/meter describes the
// files.
#include <gtest/gtest.h>

#include <set>

#include "checkpoint/checkpoint.h"
#include "golden/recorded.h"
#include "model/bridgetower.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

using app::NamedTensors;
using checkpoint::Checkpoint;

std::filesystem::path fixture(const std::string& variant, const std::string& file) {
  return testing::golden_data("meter/" + variant + "/" + file);
}

Checkpoint open(const std::string& variant) {
  return checkpoint::open_checkpoint(fixture(variant, "model.ckpt"), fixture(variant, "config.json"));
}

NamedTensors run(const Checkpoint& checkpoint, const model::ModelConfig& config, const std::string& variant) {
  return app::forward_stages(model::BridgeTower::load(checkpoint, config, {}),
                             app::read_tensors(fixture(variant, "inputs.safetensors")));
}

struct Variant {
  const char* name;
  bool gated, has_temperature;
  std::int64_t text_layers, vision_layers, cross_layers;
  std::size_t recorded;
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class MeterGolden : public ::testing::TestWithParam<Variant> {};

TEST_P(MeterGolden, IsToldByItsParameters) {
  auto checkpoint = open(GetParam().name);
  checkpoint.config.reset();
  checkpoint.hyper_parameters = nullptr;
  const auto config = model::resolve_config(checkpoint);
  EXPECT_EQ(config.architecture, model::Architecture::kMeter);
  EXPECT_EQ(config.family, model::Family::kOfficial);
  EXPECT_EQ(config.gated, GetParam().gated);
  EXPECT_STREQ(model::model_name(config), GetParam().gated ? "meter-gated" : "meter");
  EXPECT_EQ(config.text_layers, GetParam().text_layers);
  EXPECT_EQ(config.vision_layers, GetParam().vision_layers);
  EXPECT_EQ(config.num_cross_layers, GetParam().cross_layers);
  EXPECT_EQ(config.cross_layer_norm_eps, 1e-12);
  EXPECT_EQ(config.text_layer_norm_eps, 1e-5);
  EXPECT_EQ(checkpoint.tensors.contains("temperature"), GetParam().has_temperature);
}

TEST_P(MeterGolden, EveryStageEqualsThePublishedImplementation) {
  const auto checkpoint = open(GetParam().name);
  const auto tower = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint), {});
  EXPECT_EQ(tower.temperature().has_value(), GetParam().has_temperature);
  const auto out = run(checkpoint, tower.config(), GetParam().name);
  const auto expected = app::read_tensors(fixture(GetParam().name, "expected.safetensors"));
  std::size_t compared = 0;
  for (const auto& [name, value] : expected) {
    if (name.starts_with("epsprobe.")) continue;  // other weights: the next test
    ASSERT_TRUE(out.contains(name)) << name;
    testing::expect_recorded(expected, name, out.at(name));
    ++compared;
  }
  EXPECT_EQ(compared, GetParam().recorded);
  testing::expect_recorded(expected, "cls_feats", out.at("cls_feats.row0"));
}

INSTANTIATE_TEST_SUITE_P(Variants, MeterGolden,
                         ::testing::Values(Variant{"plain", false, true, 3, 3, 2, 21},
                                           Variant{"gated", true, true, 3, 3, 2, 21},
                                           Variant{"original", false, false, 4, 3, 3, 32}),
                         [](const auto& info) { return std::string(info.param.name); });

/// The tensors on which the eps of the cross-modal layers shows.
bool matters_for_eps(std::string_view name) {
  for (const char* prefix :
       {"cross_modal_text_transform", "cross_modal_image_transform", "token_type_embeddings"}) {
    if (name.starts_with(prefix)) return true;
  }
  return name.starts_with("cross_modal_") && name.find("attention.output.dense") != std::string_view::npos;
}

TEST(MeterGoldenEps, EpsOfTheCrossModalLayersShowsInTheProbe) {
  std::vector<std::vector<float>> storage;
  const auto checkpoint = testing::divide_by_256(open("original"), matters_for_eps, storage);
  const auto expected = app::read_tensors(fixture("original", "expected.safetensors"));
  auto config = model::resolve_config(checkpoint);
  const auto out = run(checkpoint, config, "original");
  testing::expect_recorded(expected, "epsprobe.cls_feats", out.at("cls_feats"));
  testing::expect_recorded(expected, "epsprobe.cls_feats", out.at("cls_feats.row0"));
  testing::expect_recorded(expected, "epsprobe.text_feats", out.at("text_feats"));
  config.cross_layer_norm_eps = 1e-5;
  const auto other = run(checkpoint, config, "original");
  EXPECT_GT((other.at("cls_feats") - expected.at("epsprobe.cls_feats")).abs().max().item<double>(), 0.03);
}

}  // namespace
}  // namespace bteval
