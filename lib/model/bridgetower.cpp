#include "model/bridgetower.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/error.h"
#include "model/cross_modal_layer.h"
#include "model/fused_ops.h"
#include "model/input_checks.h"
#include "model/link_tower.h"
#include "model/text_encoder.h"
#include "model/torch_compat.h"
#include "model/vision_encoder.h"

namespace bteval::model {
namespace {

/// One modality's part of what lies above the towers.
struct Modality {
  std::optional<Linear> gate;  // METER's variant meter_fusion
  Linear transform;
  std::optional<LayerNorm> norm;  // BridgeTower's, in front of the first cross-modal layer
  std::vector<CrossModalLayer> layers;
  std::vector<Bridge> bridges;  // BridgeTower's, in front of the others
  Linear pooler;                // float32

  /// What cross-modal layer `index` reads: its level, joined with the previous output by the bridge; without
  /// bridges that output alone.
  at::Tensor input(std::size_t index, const std::vector<at::Tensor>& levels,
                   const at::Tensor& previous) const {
    if (index == 0) return levels[0];
    return bridges.empty() ? previous : bridges[index - 1](levels[index], previous);
  }
};

/// meter_fusion: what the last layer of a tower put out, plus a mixture of the outputs below it. Their shares
/// come from one linear map of each, softmax over the layers, channel by channel. Each [B, S, H].
at::Tensor mix_layers(const std::vector<at::Tensor>& outputs, const Linear& gate) {
  if (outputs.size() == 1) return outputs[0];
  const at::Tensor below = at::stack(at::TensorList(outputs).slice(0, outputs.size() - 1));
  return at::softmax(gate(below), 0).mul_(below).sum(0).add_(outputs.back());
}

Modality load_modality(WeightLoader& loader, const std::string& name, std::int64_t tower_width,
                       const ModelConfig& config, const Placement& placement) {
  const std::string base = "cross_modal_" + name;
  const std::int64_t width = config.hidden_size;
  const BertShape shape{width, config.num_heads, config.ffn_size, config.cross_layer_norm_eps};
  const bool bridged = config.architecture == Architecture::kBridgeTower;
  Modality m;
  if (config.gated) m.gate = load_linear(loader, name + "_gate", width, tower_width).place(placement);
  m.transform = load_linear(loader, base + "_transform", width, tower_width).place(placement);
  if (bridged)
    m.norm = load_layer_norm(loader, base + "_layernorm", width, config.bridge_layer_norm_eps, placement);
  for (std::int64_t j = 0; j < config.num_cross_layers; ++j) {
    const bool last = j + 1 == config.num_cross_layers;
    m.layers.push_back(load_cross_modal_layer(loader, fmt::format("{}_layers.{}", base, j), shape,
                                              {name == "image", last}, placement));
    if (bridged && !last)
      m.bridges.push_back(load_bridge(loader, fmt::format("{}_link_tower.{}", base, j), config, placement));
  }
  m.pooler = load_linear(loader, base + "_pooler.dense", width, width).place(placement.in_float());
  return m;
}

/// Appends what a tower's output adds to the levels: its projection plus the type embedding; the output
/// itself where no cross-modal layer reads it.
void add_level(std::vector<at::Tensor>& levels, const Modality& m, const at::Tensor& output,
               const at::Tensor& type, const ModelConfig& config, const char* traced, Trace* trace) {
  if (config.num_cross_layers == 0) {
    levels.push_back(output);
    return;
  }
  at::Tensor level = m.transform(output);
  if (!m.norm) note(trace, traced, level);
  level.add_(type);
  levels.push_back(levels.empty() && m.norm ? (*m.norm)(level) : level);
}

at::Tensor pool(const Modality& m, const at::Tensor& rows) {
  return m.pooler(rows.select(1, 0).to(at::kFloat)).tanh_();
}

template <typename Features>
FirstLayerShare first_share(const Features& features) {
  return {features.first_self_attention, features.first_query, features.first_key_value};
}

template <typename Features>
void set_first_share(Features& features, FirstLayerShare share) {
  features.first_self_attention = std::move(share.self_attention);
  features.first_query = std::move(share.query);
  features.first_key_value = std::move(share.key_value);
}

/// What has a row for each token.
std::vector<at::Tensor*> tensors_by_row(TextFeatures& features) {
  std::vector<at::Tensor*> all = {&features.first_self_attention, &features.first_query,
                                  &features.first_key_value};
  for (at::Tensor& level : features.levels) all.push_back(&level);
  return all;
}

}  // namespace

struct BridgeTower::Weights {
  ModelConfig config;
  LoadOptions options;
  TextEncoder text_tower;
  VisionEncoder vision_tower;
  at::Tensor type_embeddings;  // [rows, H]
  Modality text, image;
  Heads heads;

  bool shares_first_layer() const { return options.savings.shared_first_layer && !text.layers.empty(); }

  template <typename T>
  const T& need(const std::optional<T>& head, Head which) const {
    if (!head)
      throw Error(ErrorCode::kCheckpoint, fmt::format("the checkpoint has no {} head", head_name(which)));
    return *head;
  }
};

BridgeTower::BridgeTower(std::shared_ptr<const Weights> weights) : weights_(std::move(weights)) {}
BridgeTower::~BridgeTower() = default;
BridgeTower::BridgeTower(BridgeTower&&) noexcept = default;
const ModelConfig& BridgeTower::config() const { return weights_->config; }
const LoadOptions& BridgeTower::options() const { return weights_->options; }

BridgeTower BridgeTower::load(const checkpoint::Checkpoint& checkpoint, const ModelConfig& config,
                              const LoadOptions& options) {
  if (const auto reason = unsupported_dtype(options.device, options.dtype))
    throw Error(ErrorCode::kDevice, *reason);
  check_fused_kernels(options.device, options.dtype, config.hidden_size);
  if (options.device.is_cpu()) options.savings.kept_buffers ? keep_large_buffers() : return_large_buffers();
  return run_inference([&] {
    settle_vector_mathematics();
    const Placement placement{options.device, options.dtype, options.savings};
    WeightLoader loader(checkpoint, config.family);
    auto weights = std::make_shared<Weights>();
    weights->config = config;
    weights->options = options;
    weights->text_tower = load_text_encoder(loader, config, placement);
    weights->vision_tower = load_vision_encoder(loader, config, placement);
    weights->type_embeddings = placement(
        loader.tensor("token_type_embeddings.weight", {config.token_type_rows, config.hidden_size}));
    weights->text = load_modality(loader, "text", config.text_width, config, placement);
    weights->image = load_modality(loader, "image", config.vision_width, config, placement);
    weights->heads = load_heads(loader, config, placement.in_float());
    loader.finish(config.architecture == Architecture::kMeter ? "METER" : "BridgeTower");
    return BridgeTower(std::move(weights));
  });
}

bool BridgeTower::packs_texts() const {
  return weights_->options.device.is_cpu() && weights_->options.savings.packed_texts;
}

TextInput BridgeTower::check_text(const at::Tensor& input_ids, const at::Tensor& attention_mask) const {
  return run_inference([&] {
    const Weights& w = *weights_;
    const bool padded = model::check_text(w.config, input_ids.cpu(), attention_mask.cpu());
    const auto place = [&](const at::Tensor& host) {
      return host.to(w.options.device, /*non_blocking=*/true);
    };
    return TextInput{place(input_ids), padded ? place(attention_mask) : at::Tensor()};
  });
}

TextFeatures BridgeTower::encode_text(const at::Tensor& input_ids, const at::Tensor& attention_mask,
                                      Trace* trace) const {
  return encode_text(check_text(input_ids, attention_mask), trace);
}

TextFeatures BridgeTower::encode_text(const TextInput& input, Trace* trace) const {
  return run_inference([&] {
    const Weights& w = *weights_;
    TextFeatures features;
    if (input.mask.defined()) {
      const at::Tensor padding = input.mask.eq(0).unsqueeze(1).unsqueeze(1);
      const double lowest = w.options.dtype == at::kHalf       ? -65504.0
                            : w.options.dtype == at::kBFloat16 ? -3.3895313892515355e38
                                                               : -3.4028234663852886e38;
      features.key_mask =
          at::zeros(padding.sizes(), padding.options().dtype(w.options.dtype)).masked_fill_(padding, lowest);
    }
    at::Tensor x = w.text_tower.embed(input.ids, trace);
    note(trace, "text.embeddings", x);
    // A trace shows the rows of padding, too. A text that begins with padding would lose its row 0.
    std::optional<PackedRows> packing;
    if (packs_texts() && trace == nullptr && input.mask.defined() &&
        input.mask.select(1, 0).all().item<bool>())
      packing.emplace(input.mask);
    const PackedRows* packed = packing ? &*packing : nullptr;
    if (packed != nullptr) x = packed->pack(x);
    std::vector<at::Tensor> outputs;  // of every layer, for the gate
    for (std::int64_t i = 0; i < w.config.text_layers; ++i) {
      x = w.text_tower.layer(static_cast<std::size_t>(i), x, features.key_mask, packed);
      note(trace, fmt::format("text.layer.{}", i), x);
      if (w.text.gate) outputs.push_back(x);
      if (i < w.config.first_bridged(w.config.text_layers)) continue;
      add_level(features.levels, w.text, w.text.gate ? mix_layers(outputs, *w.text.gate) : x,
                w.type_embeddings.select(0, 0), w.config, "transform.text", trace);
    }
    features.last_row = packed != nullptr ? packed->first_rows(x) : x.select(1, 0).contiguous();
    if (w.shares_first_layer())
      set_first_share(
          features, w.text.layers[0].share(features.levels[0], features.key_mask, w.image.layers[0], packed));
    if (packed != nullptr) {
      for (at::Tensor* values : tensors_by_row(features)) *values = packed->pad(*values);
    }
    return features;
  });
}

ImageFeatures BridgeTower::encode_image(const at::Tensor& pixels, int image_type, Trace* trace) const {
  return run_inference([&] {
    const Weights& w = *weights_;
    check_image(w.config, pixels, image_type);
    const VisionEncoder& tower = w.vision_tower;
    ImageFeatures features;
    at::Tensor x = tower.embed(pixels, trace);
    note(trace, "vision.ln_pre", x);
    const std::int64_t first = w.config.first_bridged(w.config.vision_layers);
    at::Tensor normed;
    std::vector<at::Tensor> outputs;  // of every block, for the gate
    for (std::int64_t i = 0; i < w.config.vision_layers; ++i) {
      x = tower.blocks[static_cast<std::size_t>(i)](x);
      note(trace, fmt::format("vision.resblock.{}", i), x);
      if (i < first && !w.image.gate) continue;
      normed = tower.ln_post(x);
      note(trace, fmt::format("vision.ln_post.{}", i), normed);
      if (w.image.gate) outputs.push_back(normed);
      if (i < first) continue;
      add_level(features.levels, w.image, w.image.gate ? mix_layers(outputs, *w.image.gate) : normed,
                w.type_embeddings.select(0, image_type), w.config, "transform.image", trace);
    }
    if (w.config.architecture == Architecture::kMeter) note(trace, "vision.ln_post", normed);
    features.last_row = normed.select(1, 0).contiguous();
    if (w.shares_first_layer())
      set_first_share(features, w.image.layers[0].share(features.levels[0], {}, w.text.layers[0]));
    return features;
  });
}

Fused BridgeTower::fuse(const TextFeatures& text, const ImageFeatures& image, bool all_rows,
                        Trace* trace) const {
  return run_inference([&] {
    const Weights& w = *weights_;
    const auto layers = static_cast<std::size_t>(w.config.num_cross_layers);
    // Outputs of the layer before, text and image; without any, what the towers put out.
    at::Tensor x = text.levels[0], y = image.levels[0];
    for (std::size_t j = 0; j < layers; ++j) {
      const at::Tensor x_in = w.text.input(j, text.levels, x);
      const at::Tensor y_in = w.image.input(j, image.levels, y);
      note(trace, fmt::format("cross.text_in.{}", j), x_in);
      note(trace, fmt::format("cross.image_in.{}", j), y_in);
      const CrossModalLayer &text_layer = w.text.layers[j], &image_layer = w.image.layers[j];
      if (j + 1 == layers && !all_rows && w.options.savings.pooled_row) {
        x = text_layer.first_row(x_in, y_in, text.key_mask, {});
        y = image_layer.first_row(y_in, x_in, {}, text.key_mask);
      } else if (j == 0 && text.first_self_attention.defined()) {
        const FirstLayerShare text_share = first_share(text), image_share = first_share(image);
        x = text_layer.from_shares(text_share, image_share, {});
        y = image_layer.from_shares(image_share, text_share, text.key_mask);
      } else {
        x = text_layer(x_in, y_in, text.key_mask, {});
        y = image_layer(y_in, x_in, {}, text.key_mask);
      }
      note(trace, fmt::format("cross.text_out.{}", j), x);
      note(trace, fmt::format("cross.image_out.{}", j), y);
    }
    Fused fused;
    fused.cls = at::cat({pool(w.text, x), pool(w.image, y)}, 1);
    if (all_rows) {
      fused.text = x;
      fused.image = y;
    }
    return fused;
  });
}

bool BridgeTower::has_head(Head head) const { return label_count(head) > 0; }

std::int64_t BridgeTower::label_count(Head head) const {
  const Heads& h = weights_->heads;
  switch (head) {
    case Head::kVqa:
      return h.vqa ? h.vqa->labels : 0;
    case Head::kNlvr2:
      return h.nlvr2 ? 2 : 0;
    case Head::kSnli:
      return h.snli ? 3 : 0;
    case Head::kItm:
      return h.itm ? 2 : 0;
    case Head::kRank:
      return h.rank ? 1 : 0;
    case Head::kMlm:
      return h.mlm ? weights_->config.vocab_size : 0;
    case Head::kItcText:
      return h.itc_text ? h.itc_size : 0;
    case Head::kItcImage:
      return h.itc_image ? h.itc_size : 0;
    case Head::kItcCross:
      return h.itc_cross ? h.itc_size : 0;
  }
  return 0;
}

std::optional<double> BridgeTower::temperature() const {
  if (!weights_->heads.logit_scale) return std::nullopt;
  return std::exp(-*weights_->heads.logit_scale);
}

at::Tensor BridgeTower::vqa_logits(const at::Tensor& cls) const {
  return run_inference([&] { return weights_->need(weights_->heads.vqa, Head::kVqa)(cls); });
}

at::Tensor BridgeTower::nlvr2_logits(const at::Tensor& cls_left, const at::Tensor& cls_right) const {
  return run_inference([&] {
    return weights_->need(weights_->heads.nlvr2, Head::kNlvr2)(at::cat({cls_left, cls_right}, 1));
  });
}

at::Tensor BridgeTower::snli_logits(const at::Tensor& cls) const {
  return run_inference([&] { return weights_->need(weights_->heads.snli, Head::kSnli)(cls); });
}

at::Tensor BridgeTower::itm_logits(const at::Tensor& cls) const {
  return run_inference([&] { return weights_->need(weights_->heads.itm, Head::kItm)(cls); });
}

at::Tensor BridgeTower::rank_score(const at::Tensor& cls) const {
  return run_inference([&] { return weights_->need(weights_->heads.rank, Head::kRank)(cls); });
}

at::Tensor BridgeTower::mlm_logits(const at::Tensor& text_rows) const {
  return run_inference(
      [&] { return weights_->need(weights_->heads.mlm, Head::kMlm)(text_rows.to(at::kFloat)); });
}

at::Tensor BridgeTower::itc_text(const TextFeatures& text) const {
  return run_inference([&] {
    return normalize_rows(
        weights_->need(weights_->heads.itc_text, Head::kItcText)(text.last_row.to(at::kFloat)));
  });
}

at::Tensor BridgeTower::itc_image(const ImageFeatures& image) const {
  return run_inference([&] {
    const Weights& w = *weights_;
    const Linear& head = w.need(w.heads.itc_image, Head::kItcImage);
    at::Tensor row = image.last_row;
    // transformers projects the features as the fusion sees them, always with the first image type.
    if (w.config.family == Family::kHuggingFace)
      row = w.image.transform(row).add_(w.type_embeddings.select(0, 1));
    return normalize_rows(head(row.to(at::kFloat)));
  });
}

at::Tensor BridgeTower::itc_cross(const at::Tensor& cls) const {
  return run_inference(
      [&] { return normalize_rows(weights_->need(weights_->heads.itc_cross, Head::kItcCross)(cls)); });
}

}  // namespace bteval::model
