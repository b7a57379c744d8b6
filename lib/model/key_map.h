// The one translation table between the parameter names of microsoft/BridgeTower and of Hugging Face
// transformers.
//
// Canonical names, which the loader uses, are the Hugging Face ones without the "bridgetower." prefix.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint.h"
#include "model/config.h"

namespace bteval::model {

/// What happens to the values on the way: the official `temperature` τ is Hugging Face's `logit_scale` = -ln
/// τ.
enum class ValueRule { kCopy, kNegativeLog, kExpOfNegative };

struct MappedKey {
  std::string name;
  ValueRule rule = ValueRule::kCopy;
  bool operator==(const MappedKey&) const = default;
};

/// The family by its parameter names; nullopt where they are neither's.
std::optional<Family> detect_family(const checkpoint::Checkpoint& checkpoint);

/// METER where the projections into the fusion are there, and neither a LayerNorm in front of the first
/// cross-modal layer nor a link tower; every other name is the same in both. `temperature` and the number of
/// vision blocks decide nothing: the original METER has no temperature, and its copy may keep the last block.
Architecture detect_architecture(const checkpoint::Checkpoint& checkpoint, Family family);

/// The canonical name of a parameter of `family`; nullopt for what is no part of the model: CLIP's leftovers
/// (projections, the text tower's positional_embedding and ln_final) and stale index buffers (position_ids).
std::optional<MappedKey> canonical_key(Family family, std::string_view name);

/// The official name of a canonical one; nullopt where the official model has no such parameter
/// (itc_cross_modal_head).
std::optional<MappedKey> official_key(std::string_view canonical);

/// The Hugging Face name of a canonical one: with "bridgetower." in front of everything but the heads where
/// `prefixed` (head models), unchanged otherwise (bare models).
std::string hugging_face_key(std::string_view canonical, bool prefixed = true);

/// Whether a canonical name belongs to a task head or to logit_scale, which Hugging Face never prefixes.
bool is_head_key(std::string_view canonical);

}  // namespace bteval::model
