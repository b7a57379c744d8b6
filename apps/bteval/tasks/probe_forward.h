// `bteval probe forward`: every stage of the model on given inputs, for comparison with other
// implementations.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "engine/options.h"
#include "model/bridgetower.h"

namespace bteval::app {

struct ProbeForwardOptions {
  std::filesystem::path model;                  ///< checkpoint file or folder
  std::optional<std::filesystem::path> config;  ///< config.json in the Hugging Face layout
  std::filesystem::path inputs, out;            ///< safetensors files
  std::string device = "auto";
  engine::DataType dtype = engine::DataType::kFloat32;
};

using NamedTensors = std::map<std::string, at::Tensor>;

/// Computes every stage and every head that the checkpoint has and the inputs allow.
///
/// Inputs: input_ids, attention_mask [B, S] integers, pixel_values [B, 3, h, w] floats; optional
/// pixel_values_2 (NLVR2's second image) and pixel_values_interp (another size, to show the resized position
/// embedding). Outputs, float32 on the CPU unless noted:
///
///   text.position_ids (int64), text.embeddings, text.layer.<i>; vision.position_embedding,
///   vision.embeddings, vision.ln_pre, vision.resblock.<i>, vision.ln_post.<i> (bridged blocks; METER's
///   last, or all where a gate reads them); of METER also vision.ln_post (the last) and
///   transform.{text,image} (after the projection, before the token type); cross.{text,image}_{in,out}.<j>;
///   text_feats, image_feats; cls_feats, cls_feats.row0 (the same on the path that evaluation takes, which
///   computes no more of the last layer than the pooler reads), cls_feats.type2; vqa_logits, nlvr2_logits,
///   snli_logits, itm_logits, rank_score, mlm_logits; itc.text, itc.image, itc.cross, itc.logits_i2t;
///   interp.position_embedding, interp.cls_feats.
///
/// Error(kData) where an input is missing or of the wrong type or shape.
NamedTensors forward_stages(const model::BridgeTower& model, const NamedTensors& inputs);

/// A safetensors file as tensors that own their memory, and back.
NamedTensors read_tensors(const std::filesystem::path& path);
void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors);

void probe_forward(const ProbeForwardOptions& options);

}  // namespace bteval::app
