#include "model/key_map.h"

#include <array>

namespace bteval::model {
namespace {

constexpr std::string_view kPrefix = "bridgetower.";

struct Rename {
  std::string_view official, canonical;
};

// Whole names first, then prefixes: the first match wins in both directions.
constexpr std::array kNames = {
    Rename{"vit_model.visual.class_embedding", "vision_model.visual.embeddings.class_embedding"},
    Rename{"vit_model.visual.conv1.weight", "vision_model.visual.embeddings.patch_embedding.weight"},
    Rename{"vit_model.visual.positional_embedding",
           "vision_model.visual.embeddings.position_embedding.weight"},
};
constexpr std::array kPrefixes = {
    Rename{"vit_model.visual.", "vision_model.visual."},
    Rename{"text_transformer.", "text_model."},
};

// What is left of CLIP's text tower and of both towers' projections in official files; nothing reads it.
constexpr std::array<std::string_view, 7> kClipLeftovers = {
    "vit_model.positional_embedding", "vit_model.ln_final.",        "vit_model.text_projection",
    "vit_model.logit_scale",          "vit_model.token_embedding.", "vit_model.transformer.",
    "vit_model.visual.proj"};

constexpr std::array<std::string_view, 10> kHeads = {
    "vqa_classifier.",       "nlvr2_classifier.", "snli_classifier.", "itm_score.",
    "rank_output.",          "mlm_score.",        "itc_text_head.",   "itc_image_head.",
    "itc_cross_modal_head.", "logit_scale"};

bool is_index_buffer(std::string_view name) {
  return name.ends_with(".position_ids") || name.ends_with(".token_type_ids");
}

std::string replace_front(std::string_view name, std::string_view from, std::string_view to) {
  return std::string(to) + std::string(name.substr(from.size()));
}

bool starts_with_any(std::string_view name, const auto& prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

MappedKey canonical_from_official(std::string_view name) {
  if (name == "temperature") return {"logit_scale", ValueRule::kNegativeLog};
  for (const Rename& rename : kNames) {
    if (name == rename.official) return {std::string(rename.canonical)};
  }
  for (const Rename& rename : kPrefixes) {
    if (name.starts_with(rename.official)) return {replace_front(name, rename.official, rename.canonical)};
  }
  return {std::string(name)};
}

}  // namespace

std::optional<Family> detect_family(const checkpoint::Checkpoint& checkpoint) {
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.starts_with("vit_model.visual.") || name.starts_with("text_transformer."))
      return Family::kOfficial;
    if (name.starts_with(kPrefix) || name.starts_with("vision_model.visual.") ||
        name.starts_with("text_model.")) {
      return Family::kHuggingFace;
    }
  }
  return std::nullopt;
}

Architecture detect_architecture(const checkpoint::Checkpoint& checkpoint, Family family) {
  static constexpr std::array<std::string_view, 4> kBridgeTowerOnly = {
      "cross_modal_text_layernorm.", "cross_modal_image_layernorm.", "cross_modal_text_link_tower.",
      "cross_modal_image_link_tower."};
  bool projected = false;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const auto key = canonical_key(family, name);
    if (!key) continue;
    if (starts_with_any(key->name, kBridgeTowerOnly)) return Architecture::kBridgeTower;
    projected |= key->name == "cross_modal_text_transform.weight";
  }
  return projected ? Architecture::kMeter : Architecture::kBridgeTower;
}

std::optional<MappedKey> canonical_key(Family family, std::string_view name) {
  if (is_index_buffer(name)) return std::nullopt;
  if (family == Family::kOfficial) {
    if (starts_with_any(name, kClipLeftovers)) return std::nullopt;
    return canonical_from_official(name);
  }
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return MappedKey{std::string(name)};
}

std::optional<MappedKey> official_key(std::string_view canonical) {
  if (canonical == "logit_scale") return MappedKey{"temperature", ValueRule::kExpOfNegative};
  if (canonical.starts_with("itc_cross_modal_head.")) return std::nullopt;
  for (const Rename& rename : kNames) {
    if (canonical == rename.canonical) return MappedKey{std::string(rename.official)};
  }
  for (const Rename& rename : kPrefixes) {
    if (canonical.starts_with(rename.canonical)) {
      return MappedKey{replace_front(canonical, rename.canonical, rename.official)};
    }
  }
  return MappedKey{std::string(canonical)};
}

std::string hugging_face_key(std::string_view canonical, bool prefixed) {
  if (!prefixed || is_head_key(canonical)) return std::string(canonical);
  return std::string(kPrefix) + std::string(canonical);
}

bool is_head_key(std::string_view canonical) { return starts_with_any(canonical, kHeads); }

}  // namespace bteval::model
