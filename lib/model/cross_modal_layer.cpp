#include "model/cross_modal_layer.h"

namespace bteval::model {
namespace {

/// [B, 1, 1, T] to [B, 1, T].
at::Tensor row_mask(const at::Tensor& mask) { return mask.defined() ? mask.squeeze(1) : mask; }

}  // namespace

FirstLayerShare CrossModalLayer::share(const at::Tensor& x, const at::Tensor& mask,
                                       const CrossModalLayer& other) const {
  const at::Tensor block = self(x, mask);
  return {block, query(block), other.key_value(x)};
}

at::Tensor CrossModalLayer::finish(const at::Tensor& self_block, const at::Tensor& q, const at::Tensor& kv,
                                   const at::Tensor& mask) const {
  const std::vector<at::Tensor> parts = kv.chunk(2, -1);
  return feed_forward(cross_output(attend(q, parts[0], parts[1], heads, mask), self_block));
}

at::Tensor CrossModalLayer::operator()(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                                       const at::Tensor& y_mask) const {
  const at::Tensor block = self(x, x_mask);
  return finish(block, query(block), key_value(y), y_mask);
}

at::Tensor CrossModalLayer::from_shares(const FirstLayerShare& x, const FirstLayerShare& y,
                                        const at::Tensor& y_mask) const {
  return finish(x.self_attention, x.query, y.key_value, y_mask);
}

at::Tensor CrossModalLayer::first_row(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                                      const at::Tensor& y_mask) const {
  const at::Tensor first = x.select(1, 0).contiguous();  // [B, H]
  const at::Tensor block = self.output(row->self(row->self_query(first), x, row_mask(x_mask)), first);
  const at::Tensor joined = cross_output(row->cross(query(block), y, row_mask(y_mask)), block);
  return feed_forward(joined).unsqueeze(1);
}

CrossModalLayer load_cross_modal_layer(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                       bool single_row, const Placement& placement) {
  const AttentionParameters self = load_attention(loader, name + ".attention", shape.width);
  const AttentionParameters cross = load_attention(loader, name + ".crossattention", shape.width);
  CrossModalLayer layer;
  layer.heads = shape.heads;
  layer.self = {stack({self.query, self.key, self.value}).place(placement),
                load_attention_output(loader, name + ".attention", shape, placement), shape.heads};
  layer.query = cross.query.place(placement);
  layer.key_value = stack({cross.key, cross.value}).place(placement);
  layer.cross_output = load_attention_output(loader, name + ".crossattention", shape, placement);
  layer.feed_forward = load_feed_forward(loader, name, shape, placement);
  if (single_row) {
    layer.row = CrossModalLayer::Row{self.query.place(placement),
                                     RowAttention(self.key, self.value, shape.heads, placement),
                                     RowAttention(cross.key, cross.value, shape.heads, placement)};
  }
  return layer;
}

}  // namespace bteval::model
