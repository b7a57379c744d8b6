#include "unit/model/tiny_model.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <random>

#include "model/key_map.h"

namespace bteval::testing {
namespace {

class Builder {
 public:
  void matrix(const std::string& name, std::vector<std::int64_t> shape, double scale = 0.2) {
    at::Tensor value = at::empty(shape);
    std::normal_distribution<float> normal(0.0F, static_cast<float>(scale));
    for (std::int64_t i = 0; i < value.numel(); ++i) value.data_ptr<float>()[i] = normal(random_);
    parameters[name] = value;
  }
  void linear(const std::string& name, std::int64_t rows, std::int64_t columns) {
    // Narrower for wide inputs: what comes out keeps its size, and rounding with it.
    matrix(name + ".weight", {rows, columns}, columns > 16 ? 0.8 / std::sqrt(columns) : 0.2);
    matrix(name + ".bias", {rows}, 0.1);
  }
  void norm(const std::string& name, std::int64_t width) {
    matrix(name + ".weight", {width}, 0.1);
    parameters[name + ".weight"].add_(1.0);
    matrix(name + ".bias", {width}, 0.1);
  }
  void attention(const std::string& name, std::int64_t width) {
    for (const char* part : {"query", "key", "value"})
      linear(fmt::format("{}.self.{}", name, part), width, width);
    linear(name + ".output.dense", width, width);
    norm(name + ".output.LayerNorm", width);
  }
  void feed_forward(const std::string& name, std::int64_t width, std::int64_t ffn) {
    linear(name + ".intermediate.dense", ffn, width);
    linear(name + ".output.dense", width, ffn);
    norm(name + ".output.LayerNorm", width);
  }

  std::map<std::string, at::Tensor> parameters;

 private:
  std::mt19937 random_{7};
};

void add_towers(Builder& b, const TinyShape& s) {
  b.matrix("text_model.embeddings.word_embeddings.weight", {s.vocab, s.text_width});
  b.matrix("text_model.embeddings.position_embeddings.weight", {s.positions, s.text_width});
  b.matrix("text_model.embeddings.token_type_embeddings.weight", {1, s.text_width});
  b.norm("text_model.embeddings.LayerNorm", s.text_width);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = fmt::format("text_model.encoder.layer.{}", i);
    b.attention(name + ".attention", s.text_width);
    b.feed_forward(name, s.text_width, s.ffn);
  }
  const std::string vision = "vision_model.visual.";
  const std::int64_t width = s.vision_width;
  b.matrix(vision + "embeddings.class_embedding", {width});
  b.matrix(vision + "embeddings.patch_embedding.weight", {width, 3, s.patch, s.patch}, 0.1);
  b.matrix(vision + "embeddings.position_embedding.weight", {s.grid * s.grid + 1, width});
  b.norm(vision + "ln_pre", width);
  b.norm(vision + "ln_post", width);
  for (std::int64_t i = 0; i < s.vision_layers; ++i) {
    const std::string name = fmt::format("{}transformer.resblocks.{}.", vision, i);
    b.matrix(name + "attn.in_proj_weight", {3 * width, width}, 0.1);
    b.matrix(name + "attn.in_proj_bias", {3 * width}, 0.1);
    b.linear(name + "attn.out_proj", width, width);
    b.norm(name + "ln_1", width);
    b.norm(name + "ln_2", width);
    b.linear(name + "mlp.c_fc", s.vision_ffn, width);
    b.linear(name + "mlp.c_proj", width, s.vision_ffn);
  }
}

void add_fusion(Builder& b, const TinyShape& s) {
  b.matrix("token_type_embeddings.weight", {s.token_types, s.hidden});
  for (const std::string modality : {"text", "image"}) {
    const std::string base = "cross_modal_" + modality;
    b.linear(base + "_transform", s.hidden, modality == "text" ? s.text_width : s.vision_width);
    if (!s.meter) b.norm(base + "_layernorm", s.hidden);
    if (s.gated) b.linear(modality + "_gate", s.hidden, s.hidden);
    b.linear(base + "_pooler.dense", s.hidden, s.hidden);
    for (std::int64_t j = 0; j < s.cross_layers; ++j) {
      const std::string name = fmt::format("{}_layers.{}", base, j);
      b.attention(name + ".attention", s.hidden);
      b.attention(name + ".crossattention", s.hidden);
      b.feed_forward(name, s.hidden, s.ffn);
      if (j > 0 && !s.meter) b.norm(fmt::format("{}_link_tower.{}.LayerNorm", base, j - 1), s.hidden);
    }
  }
}

void add_heads(Builder& b, const TinyShape& s) {
  const auto classifier = [&](const std::string& name, std::int64_t inputs, std::int64_t labels) {
    b.linear(name + ".0", inputs, inputs);
    b.norm(name + ".1", inputs);
    b.linear(name + ".3", labels, inputs);
  };
  classifier("vqa_classifier", 2 * s.hidden, s.labels);
  classifier("nlvr2_classifier", 4 * s.hidden, 2);
  classifier("snli_classifier", 2 * s.hidden, 3);
  b.linear("itm_score.fc", 2, 2 * s.hidden);
  b.linear("rank_output", 1, 2 * s.hidden);
  b.linear("mlm_score.transform.dense", s.hidden, s.hidden);
  b.norm("mlm_score.transform.LayerNorm", s.hidden);
  b.matrix("mlm_score.decoder.weight", {s.vocab, s.hidden});
  b.matrix("mlm_score.bias", {s.vocab});
  b.linear("itc_text_head.fc", s.itc, s.text_width);
  b.parameters["logit_scale"] = at::scalar_tensor(2.5);
}

Json config_json(const TinyShape& s) {
  return {{"model_type", s.meter ? "meter" : "bridgetower"},
          {"hidden_size", s.hidden},
          {"num_attention_heads", s.heads},
          {"num_hidden_layers", s.cross_layers},
          {"text_config",
           {{"vocab_size", s.vocab},
            {"hidden_size", s.text_width},
            {"num_hidden_layers", s.layers},
            {"num_attention_heads", s.text_heads},
            {"intermediate_size", s.ffn},
            {"max_position_embeddings", s.positions}}},
          {"vision_config",
           {{"hidden_size", s.vision_width},
            {"num_hidden_layers", s.vision_layers},
            {"patch_size", s.patch},
            {"image_size", s.patch * s.grid}}}};
}

}  // namespace

TinyShape tiny_meter(bool gated) {
  TinyShape shape;
  shape.meter = true;
  shape.gated = gated;
  shape.vision_layers = 2;
  if (gated) shape.hidden = shape.text_width = 64;
  return shape;
}

std::map<std::string, at::Tensor> tiny_parameters(const TinyShape& shape) {
  Builder builder;
  add_towers(builder, shape);
  add_fusion(builder, shape);
  add_heads(builder, shape);
  return builder.parameters;
}

void put_tensor(checkpoint::Checkpoint& checkpoint, const std::string& name, const at::Tensor& value) {
  const at::Tensor dense = value.contiguous();
  const auto bytes = static_cast<std::size_t>(dense.nbytes());
  const auto* first = static_cast<const std::byte*>(dense.data_ptr());
  checkpoint::TensorView view;
  view.dtype = dense.scalar_type() == at::kLong ? checkpoint::DType::kInt64 : checkpoint::DType::kFloat32;
  view.shape = dense.sizes().vec();
  view.strides = dense.strides().vec();
  view.owner = Bytes::from_memory(name, std::vector<std::byte>(first, first + bytes));
  view.data = view.owner->data();
  checkpoint.tensors[name] = view;
}

checkpoint::Checkpoint make_checkpoint(model::Family family,
                                       const std::map<std::string, at::Tensor>& parameters,
                                       const TinyShape& shape, bool prefixed) {
  checkpoint::Checkpoint checkpoint;
  checkpoint.path = "tiny.ckpt";
  checkpoint.config = config_json(shape);
  for (const auto& [name, value] : parameters) {
    if (family == model::Family::kHuggingFace) {
      put_tensor(checkpoint, model::hugging_face_key(name, prefixed), value);
    } else if (const auto key = model::official_key(name)) {
      const bool temperature = key->rule == model::ValueRule::kExpOfNegative;
      put_tensor(checkpoint, key->name, temperature ? at::exp(-value) : value);
    }
  }
  return checkpoint;
}

checkpoint::Checkpoint tiny_checkpoint(model::Family family, const TinyShape& shape, bool prefixed) {
  auto parameters = tiny_parameters(shape);
  // The two families' heads for images read vectors of different widths.
  const std::int64_t columns = family == model::Family::kHuggingFace ? shape.hidden : shape.vision_width;
  parameters["itc_image_head.fc.weight"] = at::ones({shape.itc, columns}).cumsum(0).mul_(0.1);
  parameters["itc_image_head.fc.bias"] = at::zeros({shape.itc});
  if (family == model::Family::kHuggingFace) {
    parameters["itc_cross_modal_head.fc.weight"] =
        at::ones({shape.itc, 2 * shape.hidden}).cumsum(1).mul_(0.01);
    parameters["itc_cross_modal_head.fc.bias"] = at::ones({shape.itc});
  }
  return make_checkpoint(family, parameters, shape, prefixed);
}

TinyBatch tiny_batch(const TinyShape& shape, const std::vector<std::int64_t>& lengths) {
  const auto count = static_cast<std::int64_t>(lengths.size());
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  TinyBatch batch;
  batch.ids = at::ones({count, longest}, at::kLong);
  batch.mask = at::zeros({count, longest}, at::kLong);
  std::mt19937 random(3);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t t = 0; t < lengths[static_cast<std::size_t>(i)]; ++t) {
      batch.ids[i][t] =
          t == 0 ? 0 : 3 + static_cast<std::int64_t>(random() % static_cast<unsigned>(shape.vocab - 3));
      batch.mask[i][t] = 1;
    }
  }
  const std::int64_t side = shape.grid * shape.patch;
  batch.pixels = at::empty({count, 3, side, side});
  std::normal_distribution<float> normal;
  for (std::int64_t i = 0; i < batch.pixels.numel(); ++i) batch.pixels.data_ptr<float>()[i] = normal(random);
  return batch;
}

double max_difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace bteval::testing
