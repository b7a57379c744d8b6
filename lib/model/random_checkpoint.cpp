#include "model/random_checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "core/error.h"
#include "model/key_map.h"

namespace bteval::model {
namespace {

/// What a matrix reads: the constant part of a GELU's output would add up over the layers until every input
/// gave the same result, so rows that read one sum to zero.
enum class Reads { kNormed, kGelu };

class Builder {
 public:
  explicit Builder(std::uint64_t seed) : generator_(at::make_generator<at::CPUGeneratorImpl>(seed)) {
    checkpoint.path = "random weights";
  }

  at::Tensor add(const std::string& name, std::vector<std::int64_t> shape, double scale, double offset = 0) {
    checkpoint::TensorView view;
    view.shape = std::move(shape);
    view.strides = checkpoint::row_major_strides(view.shape);
    std::vector<std::byte> bytes(static_cast<std::size_t>(view.numel()) * sizeof(float));
    at::Tensor values = at::from_blob(bytes.data(), view.shape, at::TensorOptions().dtype(at::kFloat));
    values.normal_(offset, scale, generator_);
    view.owner = Bytes::from_memory(name, std::move(bytes));  // the buffer moves, its address stays
    view.data = view.owner->data();
    checkpoint.tensors[hugging_face_key(name)] = view;
    return values;
  }
  void linear(const std::string& weight, const std::string& bias, std::int64_t rows, std::int64_t columns,
              double gain = 1.0, Reads reads = Reads::kNormed) {
    at::Tensor values = add(weight, {rows, columns}, gain / std::sqrt(static_cast<double>(columns)));
    if (reads == Reads::kGelu) values.sub_(values.mean(1, /*keepdim=*/true));
    add(bias, {rows}, 0.1);
  }
  void linear(const std::string& name, std::int64_t rows, std::int64_t columns, double gain = 1.0,
              Reads reads = Reads::kNormed) {
    linear(name + ".weight", name + ".bias", rows, columns, gain, reads);
  }
  void norm(const std::string& name, std::int64_t width) {
    add(name + ".weight", {width}, 0.1, 1.0);
    add(name + ".bias", {width}, 0.1);
  }
  void attention(const std::string& name, std::int64_t width) {
    for (const char* part : {"query", "key"}) linear(name + ".self." + part, width, width, 1.6);
    linear(name + ".self.value", width, width);
    linear(name + ".output.dense", width, width, 1.6);
    norm(name + ".output.LayerNorm", width);
  }
  void feed_forward(const std::string& name, std::int64_t width) {
    linear(name + ".intermediate.dense", 4 * width, width);
    linear(name + ".output.dense", width, 4 * width, 1.6, Reads::kGelu);
    norm(name + ".output.LayerNorm", width);
  }

  checkpoint::Checkpoint checkpoint;

 private:
  at::Generator generator_;
};

void add_text_tower(Builder& b, const RandomShape& s) {
  const std::string base = "text_model.embeddings.";
  b.add(base + "word_embeddings.weight", {s.vocab, s.hidden}, 0.3);
  b.add(base + "position_embeddings.weight", {s.positions, s.hidden}, 0.3);
  b.add(base + "token_type_embeddings.weight", {1, s.hidden}, 0.3);
  b.norm(base + "LayerNorm", s.hidden);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = fmt::format("text_model.encoder.layer.{}", i);
    b.attention(name + ".attention", s.hidden);
    b.feed_forward(name, s.hidden);
  }
}

void add_vision_tower(Builder& b, const RandomShape& s) {
  const std::string base = "vision_model.visual.";
  const std::int64_t width = s.vision_width, side = s.image_size / s.patch;
  b.add(base + "embeddings.class_embedding", {width}, 0.3);
  b.add(base + "embeddings.patch_embedding.weight", {width, 3, s.patch, s.patch},
        1.0 / std::sqrt(static_cast<double>(3 * s.patch * s.patch)));
  b.add(base + "embeddings.position_embedding.weight", {side * side + 1, width}, 0.3);
  b.norm(base + "ln_pre", width);
  b.norm(base + "ln_post", width);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = fmt::format("{}transformer.resblocks.{}.", base, i);
    b.linear(name + "attn.in_proj_weight", name + "attn.in_proj_bias", 3 * width, width, 1.6);
    b.linear(name + "attn.out_proj", width, width, 1.6);
    b.norm(name + "ln_1", width);
    b.norm(name + "ln_2", width);
    b.linear(name + "mlp.c_fc", 4 * width, width);
    b.linear(name + "mlp.c_proj", width, 4 * width, 1.6, Reads::kGelu);
  }
}

void add_fusion(Builder& b, const RandomShape& s) {
  b.add("token_type_embeddings.weight", {2, s.hidden}, 0.3);
  for (const std::string modality : {"text", "image"}) {
    const std::string base = "cross_modal_" + modality;
    b.linear(base + "_transform", s.hidden, modality == "text" ? s.hidden : s.vision_width);
    b.norm(base + "_layernorm", s.hidden);
    b.linear(base + "_pooler.dense", s.hidden, s.hidden);
    for (std::int64_t j = 0; j < s.cross_layers; ++j) {
      const std::string name = fmt::format("{}_layers.{}", base, j);
      b.attention(name + ".attention", s.hidden);
      b.attention(name + ".crossattention", s.hidden);
      b.feed_forward(name, s.hidden);
      if (j > 0) b.norm(fmt::format("{}_link_tower.{}.LayerNorm", base, j - 1), s.hidden);
    }
  }
  b.linear("vqa_classifier.0", 2 * s.hidden, 2 * s.hidden);
  b.norm("vqa_classifier.1", 2 * s.hidden);
  b.linear("vqa_classifier.3", s.labels, 2 * s.hidden, 1.6, Reads::kGelu);
  b.linear("itm_score.fc", 2, 2 * s.hidden);
}

Json config_json(const RandomShape& s) {
  return {{"model_type", "bridgetower"},
          {"hidden_size", s.hidden},
          {"num_attention_heads", s.heads},
          {"num_hidden_layers", s.cross_layers},
          {"text_config",
           {{"vocab_size", s.vocab},
            {"hidden_size", s.hidden},
            {"num_hidden_layers", s.layers},
            {"num_attention_heads", s.heads},
            {"intermediate_size", 4 * s.hidden},
            {"max_position_embeddings", s.positions}}},
          {"vision_config",
           {{"hidden_size", s.vision_width},
            {"num_hidden_layers", s.layers},
            {"patch_size", s.patch},
            {"image_size", s.image_size}}}};
}

}  // namespace

RandomShape RandomShape::named(const std::string& name, std::int64_t image_size) {
  RandomShape shape;
  if (name == "large") {
    shape.hidden = shape.vision_width = 1024;
    shape.heads = 16;
    shape.layers = 24;
    shape.patch = 14;
  } else if (name == "small") {
    shape.hidden = shape.vision_width = 64;
    shape.heads = 1;
    shape.cross_layers = shape.layers = 2;
    shape.vocab = 400;
    shape.positions = 80;
    shape.labels = 11;
  } else if (name != "base") {
    throw Error(ErrorCode::kUsage,
                fmt::format("there is no shape \"{}\": use base, large or small", printable(name, 40)));
  }
  shape.image_size = image_size;
  if (image_size <= 0 || image_size % shape.patch != 0) {
    throw Error(ErrorCode::kUsage, fmt::format("the image size {} is not a multiple of the patch size {}",
                                               image_size, shape.patch));
  }
  return shape;
}

checkpoint::Checkpoint random_checkpoint(const RandomShape& shape, std::uint64_t seed) {
  const c10::InferenceMode guard;
  Builder builder(seed);
  add_text_tower(builder, shape);
  add_vision_tower(builder, shape);
  add_fusion(builder, shape);
  builder.checkpoint.config = config_json(shape);
  builder.checkpoint.config_source = "random weights";
  return std::move(builder.checkpoint);
}

}  // namespace bteval::model
