#include "model/cross_modal_layer.h"

namespace bteval::model {
namespace {

/// [B, 1, 1, T] to [B, 1, T].
at::Tensor row_mask(const at::Tensor& mask) { return mask.defined() ? mask.squeeze(1) : mask; }

}  // namespace

FirstLayerShare CrossModalLayer::share(const at::Tensor& x, const at::Tensor& mask,
                                       const CrossModalLayer& other, const PackedRows* packed) const {
  const at::Tensor block = self(x, mask, packed);
  return {block, few_keys ? at::Tensor() : query(block), other.key_value.joined(x)};
}

at::Tensor CrossModalLayer::finish(const at::Tensor& block, const at::Tensor& q, const at::Tensor& k,
                                   const at::Tensor& v, const at::Tensor& mask) const {
  if (few_keys && worth_absorbing(k.size(1), block.size(1), kind.heads, block.size(2)))
    return feed_forward(cross_output.norm((*few_keys)(block, k, v, mask, block)));
  return feed_forward(cross_output(attend(q.defined() ? q : query(block), k, v, kind, mask), block));
}

at::Tensor CrossModalLayer::operator()(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                                       const at::Tensor& y_mask) const {
  const at::Tensor block = self(x, x_mask);
  if (few_queries && worth_absorbing(x.size(1), y.size(1), kind.heads, x.size(2)))
    return feed_forward(cross_output((*few_queries)(query(block), y, row_mask(y_mask)), block));
  const std::vector<at::Tensor> kv = key_value(y);
  return finish(block, {}, kv[0], kv[1], y_mask);
}

at::Tensor CrossModalLayer::from_shares(const FirstLayerShare& x, const FirstLayerShare& y,
                                        const at::Tensor& y_mask) const {
  const std::vector<at::Tensor> kv = y.key_value.chunk(2, -1);
  return finish(x.self_attention, x.query, kv[0], kv[1], y_mask);
}

at::Tensor CrossModalLayer::first_row(const at::Tensor& x, const at::Tensor& y, const at::Tensor& x_mask,
                                      const at::Tensor& y_mask) const {
  const at::Tensor first = x.narrow(1, 0, 1).contiguous();  // [B, 1, H]
  const at::Tensor block = self.output(row->self(row->self_query(first), x, row_mask(x_mask)), first);
  const at::Tensor joined = cross_output(row->cross(query(block), y, row_mask(y_mask)), block);
  return feed_forward(joined);
}

CrossModalLayer load_cross_modal_layer(WeightLoader& loader, const std::string& name, const BertShape& shape,
                                       const CrossModalRole& role, const Placement& placement) {
  const AttentionParameters self = load_attention(loader, name + ".attention", shape.width);
  const AttentionParameters cross = load_attention(loader, name + ".crossattention", shape.width);
  CrossModalLayer layer;
  layer.kind = attention_kind(shape.heads, placement.savings);
  layer.self = {LinearStack({self.query, self.key, self.value}, placement),
                load_attention_output(loader, name + ".attention", shape, placement), layer.kind};
  layer.query = cross.query.place(placement);
  layer.key_value = LinearStack({cross.key, cross.value}, placement);
  layer.cross_output = load_attention_output(loader, name + ".crossattention", shape, placement);
  layer.feed_forward = load_feed_forward(loader, name, shape, placement);
  const FewQueriesAttention few_queries(cross.key, cross.value, shape.heads, placement);
  if (role.single_row) {
    layer.row =
        CrossModalLayer::Row{self.query.place(placement),
                             FewQueriesAttention(self.key, self.value, shape.heads, placement), few_queries};
  }
  if (!placement.savings.absorbed_projections) return layer;
  if (!role.image) {
    layer.few_queries = few_queries;
  } else {
    const std::string output = name + ".crossattention.output.dense";
    layer.few_keys = FewKeysAttention(cross.query, load_linear(loader, output, shape.width, shape.width),
                                      shape.heads, placement);
  }
  return layer;
}

}  // namespace bteval::model
