#include "model/text_encoder.h"

#include <fmt/format.h>

namespace bteval::model {

at::Tensor text_position_ids(const at::Tensor& input_ids, std::int64_t pad_token_id) {
  const at::Tensor mask = input_ids.ne(pad_token_id).to(at::kLong);
  return at::cumsum(mask, 1).mul_(mask).add_(pad_token_id);
}

at::Tensor TextEncoder::embed(const at::Tensor& input_ids, Trace* trace) const {
  const at::Tensor positions = text_position_ids(input_ids, pad_token_id);
  note(trace, "text.position_ids", positions);
  at::Tensor sum = at::embedding(word_embeddings, input_ids);
  sum.add_(type_embedding).add_(at::embedding(position_embeddings, positions));
  return norm(sum);
}

at::Tensor TextEncoder::layer(std::size_t index, const at::Tensor& x, const at::Tensor& mask,
                              const PackedRows* packed) const {
  return feed_forward[index](attention[index](x, mask, packed));
}

TextEncoder load_text_encoder(WeightLoader& loader, const ModelConfig& config, const Placement& placement) {
  const std::string base = "text_model.embeddings.";
  const BertShape shape{config.text_width, config.text_heads, config.text_ffn_size,
                        config.text_layer_norm_eps};
  TextEncoder tower;
  tower.word_embeddings =
      placement(loader.tensor(base + "word_embeddings.weight", {config.vocab_size, shape.width}));
  tower.position_embeddings =
      placement(loader.tensor(base + "position_embeddings.weight", {config.max_positions, shape.width}));
  tower.type_embedding =
      placement(loader.tensor(base + "token_type_embeddings.weight", {1, shape.width}).select(0, 0));
  tower.norm = load_layer_norm(loader, base + "LayerNorm", shape.width, shape.eps, placement);
  tower.pad_token_id = config.pad_token_id;
  for (std::int64_t i = 0; i < config.text_layers; ++i) {
    const std::string name = fmt::format("text_model.encoder.layer.{}", i);
    tower.attention.push_back(load_self_attention(loader, name + ".attention", shape, placement));
    tower.feed_forward.push_back(load_feed_forward(loader, name, shape, placement));
  }
  return tower;
}

}  // namespace bteval::model
