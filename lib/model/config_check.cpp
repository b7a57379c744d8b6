#include "model/config_check.h"

#include <fmt/ranges.h>

#include "core/error.h"

namespace bteval::model {
namespace {

bool flag(const Json& object, const char* key, bool otherwise) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_boolean()) return otherwise;
  return found->get<bool>();
}

const Json& part(const Json& config, const char* key) {
  static const Json nothing;
  const auto found = config.is_object() ? config.find(key) : config.end();
  return config.is_object() && found != config.end() ? *found : nothing;
}

/// Compares members of one object of config.json with sizes and notes each contradiction.
class Comparison {
 public:
  Comparison(const Json& object, std::string where, std::vector<std::string>& faults)
      : object_(object), where_(std::move(where)), faults_(faults) {}

  void number(const char* key, std::int64_t expected, std::int64_t offset = 0) {
    const Json& value = part(object_, key);
    if (value.is_null()) return;
    if (!value.is_number_integer()) {
      faults_.push_back(
          fmt::format("{}{} is no whole number but {}", where_, key, printable(value.dump(), 40)));
    } else if (!holds_integer<std::int64_t>(value) || value.get<std::int64_t>() != expected + offset) {
      faults_.push_back(
          fmt::format("{}{} is {}, the parameters say {}", where_, key, value.dump(), expected + offset));
    }
  }

  void boolean(const char* key, bool expected) {
    const Json& value = part(object_, key);
    if (value.is_null() || (value.is_boolean() && value.get<bool>() == expected)) return;
    faults_.push_back(
        fmt::format("{}{} is {}, the parameters say {}", where_, key, printable(value.dump(), 40), expected));
  }

  void text(const char* key, std::string_view expected) {
    const Json& value = part(object_, key);
    if (value.is_null() || (value.is_string() && value.get<std::string>() == expected)) return;
    faults_.push_back(
        fmt::format("{}{} is {}, supported is \"{}\"", where_, key, printable(value.dump(), 40), expected));
  }

 private:
  const Json& object_;
  std::string where_;
  std::vector<std::string>& faults_;
};

const char* link_tower_name(LinkTower type) {
  switch (type) {
    case LinkTower::kScaledAdd:
      return "scaled_add";
    case LinkTower::kInterpolate:
      return "interpolate";
    case LinkTower::kAdd:
      break;
  }
  return "add";
}

}  // namespace

void refuse_unsupported(const ShapeTable& shapes, Family family, Architecture architecture,
                        const Json& config, const Json& hyper, const std::string& file) {
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::kCheckpoint, reason, {file, "", std::nullopt});
  };
  if (architecture == Architecture::kMeter && family == Family::kHuggingFace) {
    refuse(
        "has METER's parameters (a cross_modal_text_transform, but no cross_modal_text_layernorm) under "
        "Hugging Face names: transformers has no METER, so how it is to be computed is not known; official "
        "names are read");
  }
  if (!shapes.has_prefix("vision_model.visual.") && shapes.has_prefix("text_model.")) {
    refuse("has no CLIP vision transformer (visual.*): variants with another vision tower are not supported");
  }
  if (shapes.mentions("ln_separate") || !flag(part(config, "vision_config"), "share_layernorm", true) ||
      !flag(hyper, "vit_layernorm_shared", true)) {
    refuse(
        "has separate vision LayerNorms (ln_separate): the published implementation's two code paths "
        "disagree on it");
  }
  if (shapes.has("cross_modal_text_link_tower.LayerNorm.weight") ||
      flag(config, "share_link_tower_layers", false)) {
    refuse("shares its link towers (share_link_tower_layers): the published implementation cannot run that");
  }
  if (shapes.has("cross_modal_text_transform.0.weight") ||
      !flag(config, "share_cross_modal_transformer_layers", true)) {
    refuse("has share_cross_modal_transformer_layers = false: the published implementation cannot run that");
  }
}

void check_config_json(const Json& config, const ModelConfig& sizes, ShapeTable& shapes,
                       const std::string& file) {
  std::vector<std::string> faults;
  const bool meter = sizes.architecture == Architecture::kMeter;
  Comparison top(config, "", faults);
  top.text("model_type", architecture_name(sizes.architecture));
  top.text("hidden_act", "gelu");
  if (meter) {
    top.boolean("meter_fusion", sizes.gated);
    if (sizes.num_cross_layers > 0) top.number("intermediate_size", sizes.ffn_size);
  } else {
    top.text("link_tower_type", link_tower_name(sizes.link_tower));
  }
  top.number("hidden_size", sizes.hidden_size);
  top.number("num_hidden_layers", sizes.num_cross_layers);
  top.number("token_type_vocab_size", sizes.token_type_rows);
  if (shapes.has("itc_text_head.fc.weight")) {
    top.number("contrastive_hidden_size", shapes.size("itc_text_head.fc.weight", 2, 0));
  }
  Comparison text(part(config, "text_config"), "text_config.", faults);
  text.text("hidden_act", "gelu");
  text.text("position_embedding_type", "absolute");
  text.number("vocab_size", sizes.vocab_size);
  text.number("hidden_size", sizes.text_width);
  text.number("num_hidden_layers", sizes.text_layers);
  text.number("intermediate_size", sizes.text_ffn_size);
  text.number("max_position_embeddings", sizes.max_positions);
  const Json& vision_config = part(config, "vision_config");
  Comparison vision(vision_config, "vision_config.", faults);
  vision.number("hidden_size", sizes.vision_width);
  vision.number("patch_size", sizes.patch_size);
  vision.number("image_size", sizes.image_size);
  vision.number("num_channels", 3);
  vision.number("num_hidden_layers", sizes.vision_layers,
                flag(vision_config, "remove_last_layer", false) ? 1 : 0);
  if (!faults.empty()) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("config.json does not fit the weights: {}", fmt::join(faults, "; ")),
                {file, "", std::nullopt});
  }
}

void check_hyper_parameters(const Json& hyper, const ModelConfig& sizes, const std::string& file) {
  std::vector<std::string> faults;
  Comparison all(hyper, "", faults);
  const bool meter = sizes.architecture == Architecture::kMeter;
  all.text("model_type", meter ? "METER" : "BT");
  if (meter) all.boolean("meter_fusion", sizes.gated);
  all.number("hidden_size", sizes.hidden_size);
  all.number("input_text_embed_size", sizes.text_width);
  all.number("input_image_embed_size", sizes.vision_width);
  // The original METER, which knows no model_type, builds as many layers as num_top_layer says; its
  // num_layers has no effect.
  const bool original = part(hyper, "model_type").is_null();
  all.number(original ? "num_top_layer" : "num_layers", sizes.num_cross_layers);
  const Json& ratio = part(hyper, "mlp_ratio");
  if (sizes.num_cross_layers > 0 && ratio.is_number() &&
      ratio.get<double>() * static_cast<double>(sizes.hidden_size) != static_cast<double>(sizes.ffn_size)) {
    faults.push_back(fmt::format("mlp_ratio is {}, the parameters say {} / {}", printable(ratio.dump(), 40),
                                 sizes.ffn_size, sizes.hidden_size));
  }
  if (!faults.empty()) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("hyper_parameters do not fit the weights: {}", fmt::join(faults, "; ")),
                {file, "", std::nullopt});
  }
}

}  // namespace bteval::model
