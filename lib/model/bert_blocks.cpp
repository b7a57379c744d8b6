#include "model/bert_blocks.h"

#include "model/fused_ops.h"

namespace bteval::model {

AttentionParameters load_attention(WeightLoader& loader, const std::string& name, std::int64_t width) {
  return {load_linear(loader, name + ".self.query", width, width),
          load_linear(loader, name + ".self.key", width, width),
          load_linear(loader, name + ".self.value", width, width)};
}

at::Tensor AttentionOutput::operator()(const at::Tensor& attended, const at::Tensor& x) const {
  at::Tensor sum = dense(attended);
  return add_and_normalise(sum, x, norm);
}

AttentionOutput load_attention_output(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                      const Placement& placement) {
  return {load_linear(loader, name + ".output.dense", shape.width, shape.width).place(placement),
          load_layer_norm(loader, name + ".output.LayerNorm", shape.width, shape.eps, placement)};
}

at::Tensor SelfAttention::operator()(const at::Tensor& x, const at::Tensor& mask,
                                     const PackedRows* packed) const {
  const std::vector<at::Tensor> parts = query_key_value(x);
  return output(packed == nullptr ? attend(parts[0], parts[1], parts[2], kind, mask)
                                  : attend_packed(parts[0], parts[1], parts[2], kind, mask, *packed),
                x);
}

SelfAttention load_self_attention(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                  const Placement& placement) {
  const AttentionParameters parameters = load_attention(loader, name, shape.width);
  return {LinearStack({parameters.query, parameters.key, parameters.value}, placement),
          load_attention_output(loader, name, shape, placement),
          attention_kind(shape.heads, placement.savings)};
}

at::Tensor FeedForward::operator()(const at::Tensor& x) const {
  at::Tensor sum = down(up(x, Activation::kGelu));
  return add_and_normalise(sum, x, norm);
}

FeedForward load_feed_forward(WeightLoader& loader, const std::string& name, const BertShape& shape,
                              const Placement& placement) {
  return {load_linear(loader, name + ".intermediate.dense", shape.ffn_size, shape.width).place(placement),
          load_linear(loader, name + ".output.dense", shape.width, shape.ffn_size).place(placement),
          load_layer_norm(loader, name + ".output.LayerNorm", shape.width, shape.eps, placement)};
}

}  // namespace bteval::model
