#include "model/attention.h"

#include <cmath>

namespace bteval::model {

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                  const at::Tensor& mask) {
  const auto split = [heads](const at::Tensor& x) {
    return x.unflatten(-1, {heads, x.size(-1) / heads}).transpose(1, 2);
  };
  return scaled_attention(split(q), split(k), split(v), mask);
}

RowAttention::RowAttention(const LinearParameters& key, const LinearParameters& value, std::int64_t heads,
                           const Placement& placement)
    : heads_(heads) {
  const std::int64_t width = key.weight.size(1), channels = key.weight.size(0) / heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(channels));
  key_ = placement(key.weight.view({heads, channels, width}) * scale);
  value_ = placement(value.weight.view({heads, channels, width}).transpose(1, 2));
  value_bias_ = placement(value.bias);
}

at::Tensor RowAttention::operator()(const at::Tensor& q, const at::Tensor& sequence,
                                    const at::Tensor& mask) const {
  const std::int64_t batch = q.size(0), channels = q.size(1) / heads_;
  const at::Tensor per_head = q.view({batch, heads_, channels}).transpose(0, 1);  // [heads, B, D]
  const at::Tensor query = at::bmm(per_head, key_).transpose(0, 1);               // [B, heads, H]
  at::Tensor scores = at::bmm(query, sequence.transpose(1, 2));                   // [B, heads, T]
  if (mask.defined()) scores = scores + mask;
  const at::Tensor mixed = at::bmm(at::softmax(scores, -1), sequence);               // [B, heads, H]
  const at::Tensor values = at::bmm(mixed.transpose(0, 1), value_).transpose(0, 1);  // [B, heads, D]
  return values.reshape({batch, heads_ * channels}) + value_bias_;
}

}  // namespace bteval::model
