#include "tasks/convert_checkpoint.h"

#include <cmath>
#include <map>
#include <utility>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "core/error.h"
#include "core/hash.h"
#include "model/key_map.h"

namespace bteval::app {
namespace {

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorView;
using model::Family;
using model::ValueRule;

TensorView float32_view(const TensorView& shape_of, const std::vector<float>& values) {
  TensorView view;
  view.dtype = DType::kFloat32;
  view.shape = shape_of.shape;
  view.strides = checkpoint::row_major_strides(view.shape);
  view.owner = Bytes::from_memory("converted", std::string_view(reinterpret_cast<const char*>(values.data()),
                                                                values.size() * sizeof(float)));
  view.data = view.owner->data();
  return view;
}

TensorView with_rule(const TensorView& view, ValueRule rule) {
  if (rule == ValueRule::kCopy) return view;
  std::vector<float> values = checkpoint::float32_values(view);
  for (float& value : values) value = rule == ValueRule::kNegativeLog ? -std::log(value) : std::exp(-value);
  return float32_view(view, values);
}

/// The name and value rule of one tensor in the written file; nullopt where it is left out.
std::optional<model::MappedKey> renamed(Family from, ConvertNames to, const std::string& name) {
  const auto canonical = model::canonical_key(from, name);
  if (!canonical) return std::nullopt;
  const bool to_official = to == ConvertNames::kOfficial;
  if (to_official == (from == Family::kOfficial)) {
    // The same family: only the prefix of Hugging Face's bare models is added.
    return model::MappedKey{to_official ? name : model::hugging_face_key(canonical->name), ValueRule::kCopy};
  }
  if (to_official) return model::official_key(canonical->name);
  return model::MappedKey{model::hugging_face_key(canonical->name), canonical->rule};
}

std::map<std::string, TensorView> rename_all(const Checkpoint& checkpoint, Family family, ConvertNames names,
                                             std::vector<std::string>& dropped) {
  std::map<std::string, TensorView> tensors;
  for (const auto& [name, view] : checkpoint.tensors) {
    const ErrorContext context{checkpoint.path.string(), "tensor " + name, std::nullopt};
    const auto key = renamed(family, names, name);
    if (!key) {
      dropped.push_back(name);
      continue;
    }
    try {
      if (!tensors.emplace(key->name, with_rule(view, key->rule)).second) {
        throw Error(ErrorCode::kCheckpoint,
                    fmt::format("another tensor becomes {}, too", printable(key->name)));
      }
    } catch (const Error& error) {
      throw error.with_context(context);
    }
  }
  return tensors;
}

void add_notes(Family family, ConvertNames names, Conversion& conversion) {
  const bool to_official = names == ConvertNames::kOfficial;
  if (to_official == (family == Family::kOfficial)) return;
  conversion.notes.push_back(
      fmt::format("{} names are read as {} weights: cross-modal LayerNorms then use {}, and ITC projects {} "
                  "image features",
                  to_official ? "official" : "Hugging Face", to_official ? "official" : "Hugging Face",
                  to_official ? "eps 1e-12" : "config.json's eps (1e-5 as shipped) instead of 1e-12",
                  to_official ? "untransformed" : "transformed"));
}

}  // namespace

void ConvertOptions::validate() const {
  std::error_code ignored;
  if (std::filesystem::equivalent(model, out, ignored)) {
    throw Error(ErrorCode::kUsage, fmt::format("the output {} is the input", out.string()));
  }
}

Conversion convert_checkpoint(const ConvertOptions& options) {
  options.validate();
  const Checkpoint checkpoint = checkpoint::open_checkpoint(options.model);
  Conversion conversion;
  std::map<std::string, TensorView> tensors;
  if (options.names == ConvertNames::kKeep) {
    tensors = checkpoint.tensors;
  } else {
    const auto family = model::detect_family(checkpoint);
    if (!family) {
      throw Error(ErrorCode::kCheckpoint,
                  "is no BridgeTower or METER checkpoint: only its own names can be kept",
                  {checkpoint.path.string(), "", std::nullopt});
    }
    if (options.names == ConvertNames::kHuggingFace &&
        model::detect_architecture(checkpoint, *family) == model::Architecture::kMeter) {
      throw Error(
          ErrorCode::kCheckpoint,
          "is a METER checkpoint: transformers has no METER, so there are no Hugging Face names for it",
          {checkpoint.path.string(), "", std::nullopt});
    }
    tensors = rename_all(checkpoint, *family, options.names, conversion.dropped);
    add_notes(*family, options.names, conversion);
  }
  std::map<std::string, std::string> metadata = checkpoint.metadata;
  metadata.emplace("format", "pt");  // transformers refuses files without it
  checkpoint::write_safetensors(options.out, tensors, metadata, {options.dtype});
  conversion.tensors = tensors.size();
  conversion.sha256 = sha256_file(options.out);
  return conversion;
}

}  // namespace bteval::app
