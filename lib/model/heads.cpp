#include "model/heads.h"

namespace bteval::model {
namespace {

std::optional<Classifier> load_classifier(WeightLoader& loader, const std::string& name, std::int64_t inputs,
                                          std::int64_t fixed_labels, const Placement& placement) {
  if (!loader.has_prefix(name + ".")) return std::nullopt;
  const bool one_layer = !loader.has_prefix(name + ".1.") && !loader.has_prefix(name + ".3.");
  const std::string last = name + (one_layer ? ".0" : ".3");
  Classifier head;
  head.labels = fixed_labels > 0 ? fixed_labels : loader.rows(last + ".weight");
  if (one_layer) {
    head.last = load_linear(loader, last, head.labels, inputs).place(placement);
    return head;
  }
  const std::int64_t width = loader.rows(name + ".0.weight");
  head.first = load_linear(loader, name + ".0", width, inputs).place(placement);
  head.norm = load_layer_norm(loader, name + ".1", width, 1e-5, placement);
  head.last = load_linear(loader, last, head.labels, width).place(placement);
  return head;
}

std::optional<Linear> load_projection(WeightLoader& loader, const std::string& name, std::int64_t rows,
                                      std::int64_t columns, const Placement& placement) {
  if (!loader.has_prefix(name + ".")) return std::nullopt;
  return load_linear(loader, name, rows, columns).place(placement);
}

std::optional<MlmHead> load_mlm(WeightLoader& loader, const ModelConfig& config, const Placement& placement) {
  if (!loader.has_prefix("mlm_score.")) return std::nullopt;
  const std::int64_t width = config.hidden_size;
  const bool tied = config.tied_mlm_decoder && config.text_width == width;
  const std::string decoder =
      tied ? "text_model.embeddings.word_embeddings.weight" : "mlm_score.decoder.weight";
  MlmHead head;
  head.transform = load_linear(loader, "mlm_score.transform.dense", width, width).place(placement);
  head.norm =
      load_layer_norm(loader, "mlm_score.transform.LayerNorm", width, config.mlm_layer_norm_eps, placement);
  head.decoder = LinearParameters{loader.tensor(decoder, {config.vocab_size, width}),
                                  loader.tensor("mlm_score.bias", {config.vocab_size})}
                     .place(placement);
  return head;
}

}  // namespace

const char* head_name(Head head) {
  switch (head) {
    case Head::kVqa:
      return "vqa";
    case Head::kNlvr2:
      return "nlvr2";
    case Head::kSnli:
      return "snli";
    case Head::kItm:
      return "itm";
    case Head::kRank:
      return "rank_output";
    case Head::kMlm:
      return "mlm";
    case Head::kItcText:
      return "itc text";
    case Head::kItcImage:
      return "itc image";
    case Head::kItcCross:
      return "itc cross-modal";
  }
  return "";
}

at::Tensor Classifier::operator()(const at::Tensor& pooled) const {
  return first ? last(at::gelu(norm((*first)(pooled)))) : last(pooled);
}

at::Tensor MlmHead::operator()(const at::Tensor& rows) const {
  return decoder(norm(transform(rows, Activation::kGelu)));
}

Heads load_heads(WeightLoader& loader, const ModelConfig& config, const Placement& placement) {
  const std::int64_t pooled = 2 * config.hidden_size;
  // transformers projects the transformed image features, the official code the vision tower's own.
  const std::int64_t itc_image_columns =
      config.family == Family::kHuggingFace ? config.hidden_size : config.vision_width;
  Heads heads;
  heads.vqa = load_classifier(loader, "vqa_classifier", pooled, 0, placement);
  heads.nlvr2 = load_classifier(loader, "nlvr2_classifier", 2 * pooled, 2, placement);
  heads.snli = load_classifier(loader, "snli_classifier", pooled, 3, placement);
  heads.itm = load_projection(loader, "itm_score.fc", 2, pooled, placement);
  heads.rank = load_projection(loader, "rank_output", 1, pooled, placement);
  heads.mlm = load_mlm(loader, config, placement);
  for (const char* name :
       {"itc_text_head.fc.weight", "itc_image_head.fc.weight", "itc_cross_modal_head.fc.weight"}) {
    if (heads.itc_size == 0) heads.itc_size = loader.rows(name);
  }
  heads.itc_text = load_projection(loader, "itc_text_head.fc", heads.itc_size, config.text_width, placement);
  heads.itc_image =
      load_projection(loader, "itc_image_head.fc", heads.itc_size, itc_image_columns, placement);
  heads.itc_cross = load_projection(loader, "itc_cross_modal_head.fc", heads.itc_size, pooled, placement);
  if (loader.has("logit_scale")) heads.logit_scale = loader.tensor("logit_scale", {}).item<double>();
  return heads;
}

at::Tensor normalize_rows(const at::Tensor& x) {
  return x / at::norm(x, 2, {-1}, /*keepdim=*/true).clamp_min_(1e-12);
}

}  // namespace bteval::model
