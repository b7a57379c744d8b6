// The model against outputs of the published implementations; tests/golden/data/model/README.md describes the
// files.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "golden/recorded.h"
#include "model/bridgetower.h"
#include "model/key_map.h"
#include "support/test_paths.h"
#include "tasks/probe_forward.h"

namespace bteval {
namespace {

using app::NamedTensors;
using checkpoint::Checkpoint;

std::filesystem::path fixture(const std::string& shape, const std::string& file) {
  return testing::golden_data("model/" + shape + "/" + file);
}

Checkpoint open(const std::string& shape, const std::string& file) {
  return checkpoint::open_checkpoint(fixture(shape, file), fixture(shape, "config.json"));
}

/// Where the expected outputs of one file stand: the probe's name and the expected file's.
std::string expected_name(const std::string& probe, model::Family family) {
  if (family == model::Family::kOfficial) return probe;
  // With transformers' own eps; the others of its outputs were not recorded.
  if (probe == "cls_feats.row0") return "hf_eps1e-5.cls_feats";
  if (probe == "itc.text" || probe == "itc.image" || probe == "itc.cross")
    return "hf_eps1e-5.itc_" + probe.substr(4);
  return "hf_eps1e-5." + probe;
}

/// Everything that the probe computes and the expected file has.
std::set<std::string> compare_stages(const Checkpoint& checkpoint, const std::string& shape,
                                     const model::ModelConfig& config) {
  const auto tower = model::BridgeTower::load(checkpoint, config, {});
  const auto out = app::forward_stages(tower, app::read_tensors(fixture(shape, "inputs.safetensors")));
  const auto expected = app::read_tensors(fixture(shape, "expected.safetensors"));
  std::set<std::string> seen;
  for (const auto& [name, value] : out) {
    for (const std::string& key :
         {name == "cls_feats.row0" ? std::string("cls_feats") : name, expected_name(name, config.family)}) {
      const bool own_eps = key.starts_with("hf_eps1e-5.");
      // Stages of the towers do not depend on the eps of the cross-modal layers, the official ones do.
      const bool tower_stage =
          key.starts_with("text.") || key.starts_with("vision.") || key == "interp.position_embedding";
      if (!expected.contains(key)) continue;
      if (config.family == model::Family::kHuggingFace && !own_eps && !tower_stage) continue;
      testing::expect_recorded(expected, key, value);
      seen.insert(key);
    }
  }
  return seen;
}

struct Case {
  const char *shape, *file;
  model::Family family;
};

class ModelGolden : public ::testing::TestWithParam<Case> {};

TEST_P(ModelGolden, EveryStageEqualsThePublishedImplementation) {
  const auto& [shape, file, family] = GetParam();
  const auto checkpoint = open(shape, file);
  const auto config = model::resolve_config(checkpoint);
  ASSERT_EQ(config.family, family);
  EXPECT_EQ(config.cross_layer_norm_eps, family == model::Family::kOfficial ? 1e-12 : 1e-5);
  const auto seen = compare_stages(checkpoint, shape, config);
  // Nothing that was recorded for this family may go unchecked, except the probe of its own test below.
  for (const auto& [name, value] : app::read_tensors(fixture(shape, "expected.safetensors"))) {
    const bool hugging_face = name.starts_with("hf_eps1e-5.");
    const bool other = name.starts_with("hf.") || name.starts_with("epsprobe.");
    const bool tower =
        name.starts_with("text.") || name.starts_with("vision.") || name == "interp.position_embedding";
    const bool ours = tower || (hugging_face == (family == model::Family::kHuggingFace) && !other);
    if (ours) {
      EXPECT_TRUE(seen.contains(name)) << name;
    }
  }
}

// The Hugging Face outputs on official eps: its own ITC heads and nothing else differ from the official
// model's.
TEST(ModelGoldenHuggingFace, OfficialEpsGivesTheOfficialOutputsAndItsOwnItc) {
  const auto checkpoint = open("base_like", "model.safetensors");
  auto config = model::resolve_config(checkpoint);
  config.cross_layer_norm_eps = config.mlm_layer_norm_eps = 1e-12;
  const auto tower = model::BridgeTower::load(checkpoint, config, {});
  const auto out = app::forward_stages(tower, app::read_tensors(fixture("base_like", "inputs.safetensors")));
  const auto expected = app::read_tensors(fixture("base_like", "expected.safetensors"));
  for (const char* part : {"text", "image", "cross"}) {
    testing::expect_recorded(expected, std::string("hf.itc_") + part, out.at(std::string("itc.") + part));
  }
  for (const char* name : {"cls_feats", "cls_feats.type2", "nlvr2_logits", "vqa_logits", "snli_logits",
                           "mlm_logits", "itm_logits", "rank_score", "itc.text", "interp.cls_feats"}) {
    testing::expect_recorded(expected, name, out.at(name));
  }
  EXPECT_GT((out.at("itc.image") - expected.at("itc.image")).abs().max().item<double>(), 1e-2);
}

/// The tensors on which the eps of the cross-modal layers shows.
bool matters_for_eps(std::string_view name) {
  if (name.starts_with("bridgetower.")) name.remove_prefix(12);
  const auto mentions = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  return name.starts_with("cross_modal_") &&
         (mentions("layernorm") || mentions("link_tower") || mentions("attention.output.dense"));
}

TEST_P(ModelGolden, EpsOfTheCrossModalLayersShowsInTheProbe) {
  const auto& [shape, file, family] = GetParam();
  std::vector<std::vector<float>> storage;
  const auto checkpoint = testing::divide_by_256(open(shape, file), matters_for_eps, storage);
  const auto inputs = app::read_tensors(fixture(shape, "inputs.safetensors"));
  const auto expected = app::read_tensors(fixture(shape, "expected.safetensors"));
  auto config = model::resolve_config(checkpoint);
  const auto run = [&] {
    return app::forward_stages(model::BridgeTower::load(checkpoint, config, {}), inputs);
  };
  if (family == model::Family::kHuggingFace) {
    EXPECT_GT((run().at("cls_feats") - expected.at("epsprobe.cls_feats")).abs().max().item<double>(), 0.03);
    config.cross_layer_norm_eps = 1e-12;
  }
  const auto out = run();
  testing::expect_recorded(expected, "epsprobe.cls_feats", out.at("cls_feats"));
  testing::expect_recorded(expected, "epsprobe.cls_feats", out.at("cls_feats.row0"));
  testing::expect_recorded(expected, "epsprobe.text_feats", out.at("text_feats"));
}

INSTANTIATE_TEST_SUITE_P(
    Files, ModelGolden,
    ::testing::Values(Case{"base_like", "official.ckpt", model::Family::kOfficial},
                      Case{"base_like", "model.safetensors", model::Family::kHuggingFace},
                      Case{"large_like", "official.ckpt", model::Family::kOfficial},
                      Case{"large_like", "model.safetensors", model::Family::kHuggingFace}),
    [](const auto& info) {
      return std::string(info.param.shape) +
             (info.param.family == model::Family::kOfficial ? "_official" : "_hugging_face");
    });

// The official table of names, row by row in both directions.
TEST(ModelGoldenKeys, EveryRowOfTheKeyMap) {
  const auto checkpoint = open("base_like", "official.ckpt");
  std::ifstream file(fixture("base_like", "KEYMAP.tsv"));
  std::string line;
  std::getline(file, line);
  std::size_t rows = 0;
  for (; std::getline(file, line); ++rows) {
    SCOPED_TRACE(line);
    std::istringstream fields(line);
    std::string official, hugging_face;
    std::getline(fields, official, '\t');
    std::getline(fields, hugging_face, '\t');
    EXPECT_TRUE(checkpoint.tensors.contains(official));
    const auto key = model::canonical_key(model::Family::kOfficial, official);
    if (hugging_face == "(dropped)") {
      EXPECT_FALSE(key);
      continue;
    }
    ASSERT_TRUE(key);
    EXPECT_EQ(model::hugging_face_key(key->name), hugging_face);
    EXPECT_EQ(model::canonical_key(model::Family::kHuggingFace, hugging_face)->name, key->name);
    EXPECT_EQ(model::official_key(key->name)->name, official);
    EXPECT_EQ(key->rule,
              official == "temperature" ? model::ValueRule::kNegativeLog : model::ValueRule::kCopy);
  }
  EXPECT_EQ(rows, checkpoint.tensors.size());
}

// The official retrieval evaluation: similarities of both embeddings, and the matching score of every pair,
// each image and each text encoded once.
TEST(ModelGoldenRetrieval, SimilaritiesAndMatchingScoresOfAllPairs) {
  const auto inputs = app::read_tensors(testing::golden_data("model/retrieval/inputs.safetensors"));
  const auto expected = app::read_tensors(testing::golden_data("model/retrieval/expected.safetensors"));
  const auto checkpoint = open("base_like", "official.ckpt");
  const auto tower = model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint), {});
  const auto text =
      tower.encode_text(inputs.at("input_ids").to(at::kLong), inputs.at("attention_mask").to(at::kLong));
  const auto image = tower.encode_image(inputs.at("pixel_values").to(at::kFloat));
  testing::expect_recorded(expected, "sims", at::matmul(tower.itc_image(image), tower.itc_text(text).t()));
  const std::int64_t images = image.last_row.size(0), texts = text.last_row.size(0);
  at::Tensor itm = at::empty({images, texts}), rank = at::empty({images, texts});
  for (std::int64_t i = 0; i < images; ++i) {
    const auto one = select(image, at::full({1}, i, at::kLong));
    const auto cls = tower.fuse(text, select(one, at::zeros({texts}, at::kLong))).cls;
    itm[i].copy_(tower.itm_logits(cls).select(1, 1));
    rank[i].copy_(tower.rank_score(cls).squeeze(1));
  }
  testing::expect_recorded(expected, "itm_full", itm);
  testing::expect_recorded(expected, "rank_scores", rank);
}

}  // namespace
}  // namespace bteval
