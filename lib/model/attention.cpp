#include "model/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "model/attention_kernel.h"
#include "model/torch_compat.h"

namespace bteval::model {
namespace {

/// [B, S, heads * D] to [heads, B * S, D], the batch of a product with one matrix a head.
at::Tensor rows_by_head(const at::Tensor& x, std::int64_t heads) {
  const std::int64_t rows = x.size(0) * x.size(1);
  return x.reshape({rows, heads, x.size(2) / heads}).transpose(0, 1);
}

/// [heads, B * S, N] to [B, heads * S, N].
at::Tensor heads_in_rows(const at::Tensor& x, std::int64_t batch) {
  const std::int64_t heads = x.size(0), rows = x.size(1) / batch;
  return x.view({heads, batch, rows, x.size(2)}).transpose(0, 1).reshape({batch, heads * rows, x.size(2)});
}

/// Whether AttentionKernel computes this; a row or two are not worth its copy of the keys.
bool fits_kernel(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionKind& kind,
                 const at::Tensor& mask) {
  constexpr std::int64_t kLeastQueries = 4;
  const auto fits = [&kind](const at::Tensor& x) {
    return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.stride(2) == 1 && x.size(0) > 0 &&
           x.size(1) > 0 && x.size(2) == kind.heads * kKernelChannels;
  };
  const auto one_row_an_item = [&] {
    return mask.scalar_type() == at::kFloat && mask.is_contiguous() &&
           mask.sizes() == at::IntArrayRef({q.size(0), 1, 1, k.size(1)});
  };
  return kind.fused && kind.kernel && (!mask.defined() || one_row_an_item()) && q.size(1) >= kLeastQueries &&
         fits(q) && fits(k) && fits(v) && AttentionKernel::works_here();
}

/// The first value of a head of sequence `item`, which is x[item], or rows of x[0] where they are packed.
float* head_begin(const at::Tensor& x, std::int64_t item, std::int64_t head, const PackedRows* packed) {
  const std::int64_t first = packed == nullptr ? item * x.stride(0) : packed->begin(item) * x.stride(1);
  return x.data_ptr<float>() + first + head * kKernelChannels;
}

HeadRows head_rows(const at::Tensor& x, std::int64_t item, std::int64_t head, const PackedRows* packed) {
  return {head_begin(x, item, head, packed), packed == nullptr ? x.size(1) : packed->count(item),
          x.stride(1)};
}

at::Tensor attend_by_kernel(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& mask, std::int64_t heads, const PackedRows* packed = nullptr) {
  at::Tensor out = at::empty({q.size(0), q.size(1), q.size(2)}, q.options());
  if (packed != nullptr) {
    const std::int64_t count = packed->begin(packed->batch());
    out.narrow(1, count, out.size(1) - count).zero_();
  }
  // A thread takes whole heads, and large parts of them where there are few: each part copies the keys again.
  const std::int64_t items = packed == nullptr ? q.size(0) : packed->batch(), units = items * heads;
  const std::int64_t most = packed == nullptr ? std::clamp<std::int64_t>(q.size(1) / 64, 1, 4) : 1;
  const std::int64_t parts = std::clamp<std::int64_t>(4 * at::get_num_threads() / units, 1, most);
  parallel_ranges(units * parts, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local AttentionKernel kernel;  // keeps its memory
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t unit = i / parts, item = unit / heads, head = unit % heads;
      if (i == begin || i % parts == 0)
        kernel.set_keys(head_rows(k, item, head, packed), head_rows(v, item, head, packed),
                        mask.defined() ? mask.data_ptr<float>() + item * k.size(1) : nullptr);
      HeadRows queries = head_rows(q, item, head, packed);
      const std::int64_t part_rows = (queries.rows + parts - 1) / parts, first = i % parts * part_rows;
      queries.first += first * queries.stride;
      queries.rows = std::min(part_rows, queries.rows - first);
      kernel.attend(queries, head_begin(out, item, head, packed) + first * out.stride(1), out.stride(1));
    }
  });
  return out;
}

double score_scale(std::int64_t channels) { return 1.0 / std::sqrt(static_cast<double>(channels)); }

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionKind& kind,
                  const at::Tensor& mask) {
  if (fits_kernel(q, k, v, kind, mask)) return attend_by_kernel(q, k, v, mask, kind.heads);
  const auto split = [&kind](const at::Tensor& x) {
    return x.unflatten(-1, {kind.heads, x.size(-1) / kind.heads}).transpose(1, 2);
  };
  return scaled_attention(split(q), split(k), split(v), mask, kind.fused);
}

at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const AttentionKind& kind, const at::Tensor& mask, const PackedRows& packed) {
  if (fits_kernel(q, k, v, kind, {})) return attend_by_kernel(q, k, v, {}, kind.heads, &packed);
  return packed.pack(attend(packed.pad(q), packed.pad(k), packed.pad(v), kind, mask));
}

FewQueriesAttention::FewQueriesAttention(const LinearParameters& key, const LinearParameters& value,
                                         std::int64_t heads, const Placement& placement)
    : heads_(heads) {
  const std::int64_t width = key.weight.size(1), channels = key.weight.size(0) / heads;
  key_ = placement(key.weight.view({heads, channels, width}) * score_scale(channels));
  value_ = placement(value.weight.view({heads, channels, width}).transpose(1, 2));
  value_bias_ = placement(value.bias);
}

at::Tensor FewQueriesAttention::operator()(const at::Tensor& q, const at::Tensor& sequence,
                                           const at::Tensor& mask) const {
  const std::int64_t batch = q.size(0), rows = q.size(1), width = q.size(2);
  const at::Tensor query = heads_in_rows(at::bmm(rows_by_head(q, heads_), key_), batch);  // [B, heads * S, H]
  at::Tensor scores = at::bmm(query, sequence.transpose(1, 2));                           // [B, heads * S, T]
  if (mask.defined()) scores.add_(mask);
  const at::Tensor mixed = at::bmm(at::softmax(scores, -1), sequence);  // [B, heads * S, H]
  const at::Tensor by_head = mixed.view({batch, heads_, rows, mixed.size(2)}).transpose(0, 1);
  const at::Tensor values = at::bmm(by_head.reshape({heads_, batch * rows, mixed.size(2)}), value_);
  return values.transpose(0, 1).reshape({batch, rows, width}).add_(value_bias_);
}

FewKeysAttention::FewKeysAttention(const LinearParameters& query, const LinearParameters& output,
                                   std::int64_t heads, const Placement& placement)
    : heads_(heads) {
  const std::int64_t width = query.weight.size(1), channels = query.weight.size(0) / heads;
  query_ = placement(query.weight.view({heads, channels, width}) * score_scale(channels));
  query_bias_ = placement(query.bias.view({heads, channels, 1}) * score_scale(channels));
  output_ = placement(output.weight.view({output.weight.size(0), heads, channels}).permute({1, 2, 0}));
  output_bias_ = placement(output.bias);
}

at::Tensor FewKeysAttention::operator()(const at::Tensor& sequence, const at::Tensor& k, const at::Tensor& v,
                                        const at::Tensor& mask, const at::Tensor& residual) const {
  const std::int64_t batch = k.size(0), keys = k.size(1), rows = sequence.size(1);
  const at::Tensor k_by_head = rows_by_head(k, heads_);
  const at::Tensor key = heads_in_rows(at::bmm(k_by_head, query_), batch);  // [B, heads * S, H]
  at::Tensor bias = heads_in_rows(at::bmm(k_by_head, query_bias_), batch).view({batch, heads_, keys, 1});
  if (mask.defined()) bias = bias + mask.transpose(2, 3);
  // Keys in rows: softmax over columns of a row-major matrix goes through memory in order, while rows of a
  // dozen values, one for each key, would take LibTorch nine times as long (bench_attention).
  at::Tensor scores = at::bmm(key, sequence.transpose(1, 2)).view({batch, heads_, keys, rows});
  scores = at::softmax(scores.add_(bias), 2).view({batch, heads_ * keys, rows});
  const at::Tensor value = heads_in_rows(at::bmm(rows_by_head(v, heads_), output_), batch);
  return at::bmm(scores.transpose(1, 2), value).add_(output_bias_).add_(residual);
}

}  // namespace bteval::model
