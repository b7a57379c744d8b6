#include "model/bridgetower.h"
#include "model/torch_compat.h"

namespace bteval::model {
namespace {

at::Tensor pick(const at::Tensor& values, const at::Tensor& rows) {
  if (!values.defined()) return values;
  if (values.size(0) == 1) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(values.dim()), -1);
    shape[0] = rows.size(0);
    return values.expand(shape);
  }
  return values.index_select(0, rows);
}

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& values, const at::Tensor& rows) {
  std::vector<at::Tensor> picked;
  picked.reserve(values.size());
  for (const at::Tensor& value : values) picked.push_back(pick(value, rows));
  return picked;
}

/// The rows on the features' device. They are checked where that costs no waiting for a GPU: in host memory.
at::Tensor place_rows(const at::Tensor& rows, const at::Tensor& features) {
  if (rows.dim() != 1 || rows.scalar_type() != at::kLong)
    throw Error(ErrorCode::kInternal, "select() wants a vector of int64 rows");
  if (rows.device().is_cpu() && rows.numel() > 0 &&
      (rows.min().item<std::int64_t>() < 0 || rows.max().item<std::int64_t>() >= features.size(0)))
    throw Error(ErrorCode::kInternal, "select() was given a row that is not there");
  return rows.to(features.device(), /*non_blocking=*/true);
}

}  // namespace

TextFeatures select(const TextFeatures& features, const at::Tensor& chosen) {
  return run_inference([&] {
    const at::Tensor rows = place_rows(chosen, features.last_row);
    return TextFeatures{pick(features.levels, rows),      pick(features.first_self_attention, rows),
                        pick(features.first_query, rows), pick(features.first_key_value, rows),
                        pick(features.key_mask, rows),    pick(features.last_row, rows)};
  });
}

TextFeatures narrow(const TextFeatures& features, std::int64_t first, std::int64_t count, std::int64_t tokens,
                    bool padded) {
  return run_inference([&] {
    const auto part = [&](const at::Tensor& values) {
      return values.defined() ? values.narrow(0, first, count).narrow(1, 0, tokens) : values;
    };
    TextFeatures narrowed;
    for (const at::Tensor& level : features.levels) narrowed.levels.push_back(part(level));
    narrowed.first_self_attention = part(features.first_self_attention);
    narrowed.first_query = part(features.first_query);
    narrowed.first_key_value = part(features.first_key_value);
    if (padded) narrowed.key_mask = features.key_mask.narrow(0, first, count).narrow(3, 0, tokens);
    narrowed.last_row = features.last_row.narrow(0, first, count);
    return narrowed;
  });
}

ImageFeatures select(const ImageFeatures& features, const at::Tensor& chosen) {
  return run_inference([&] {
    const at::Tensor rows = place_rows(chosen, features.last_row);
    return ImageFeatures{pick(features.levels, rows), pick(features.first_self_attention, rows),
                         pick(features.first_query, rows), pick(features.first_key_value, rows),
                         pick(features.last_row, rows)};
  });
}

}  // namespace bteval::model
