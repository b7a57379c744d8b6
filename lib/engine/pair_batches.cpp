#include "engine/pair_batches.h"

#include <algorithm>
#include <numeric>

#include "engine/transfer.h"

namespace bteval::engine {

at::Tensor to_device(const Rows& rows, const at::Device& device) {
  const at::Tensor host = host_buffer({static_cast<std::int64_t>(rows.size())}, at::kLong, device);
  std::copy(rows.begin(), rows.end(), host.data_ptr<std::int64_t>());
  return host.to(device, /*non_blocking=*/true);
}

std::vector<Rows> length_buckets(std::span<const std::size_t> lengths, std::size_t most) {
  Rows order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return lengths[static_cast<std::size_t>(a)] < lengths[static_cast<std::size_t>(b)];
  });
  const std::size_t count = (order.size() + most - 1) / most;
  std::vector<Rows> buckets;
  for (std::size_t b = 0; b < count; ++b) {
    const auto at = [&](std::size_t edge) {
      return order.begin() + static_cast<std::ptrdiff_t>((order.size() * edge + count - 1) / count);
    };
    buckets.emplace_back(at(b), at(b + 1));
  }
  return buckets;
}

std::vector<TextPass> text_passes(const std::vector<Rows>& buckets, std::span<const std::size_t> tokens,
                                  bool together) {
  std::vector<TextPass> passes;
  for (const Rows& bucket : buckets) {
    if (passes.empty() || !together) passes.emplace_back();
    TextPass& pass = passes.back();
    std::vector<std::size_t> lengths;
    for (const std::int64_t text : bucket) lengths.push_back(tokens[static_cast<std::size_t>(text)]);
    const auto [shortest, longest] = std::ranges::minmax(lengths);
    pass.buckets.push_back({static_cast<std::int64_t>(pass.texts.size()),
                            static_cast<std::int64_t>(bucket.size()), static_cast<std::int64_t>(longest),
                            shortest < longest});
    pass.texts.insert(pass.texts.end(), bucket.begin(), bucket.end());
  }
  return passes;
}

std::span<const std::int64_t> bucket_of(const Rows& texts, const TextPass::Bucket& bucket) {
  return std::span(texts).subspan(static_cast<std::size_t>(bucket.first),
                                  static_cast<std::size_t>(bucket.count));
}

model::TextFeatures bucket_of(const model::TextFeatures& features, const TextPass::Bucket& bucket) {
  return model::narrow(features, bucket.first, bucket.count, bucket.longest, bucket.padded);
}

TextBatch pad_texts(std::span<const std::span<const std::int32_t>> texts, std::int64_t pad_token_id,
                    const at::Device& device) {
  std::size_t longest = 0;
  for (const auto& tokens : texts) longest = std::max(longest, tokens.size());
  const auto length = static_cast<std::int64_t>(longest);
  const auto batch = static_cast<std::int64_t>(texts.size());
  at::Tensor ids = host_buffer({batch, length}, at::kLong, device).fill_(pad_token_id);
  at::Tensor mask = host_buffer({batch, length}, at::kLong, device).zero_();
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto offset = static_cast<std::int64_t>(row) * length;
    std::copy(texts[row].begin(), texts[row].end(), ids.data_ptr<std::int64_t>() + offset);
    std::fill_n(mask.data_ptr<std::int64_t>() + offset, texts[row].size(), 1);
  }
  return {ids, mask};
}

void fuse_pairs(const FuseCall& fuse, const model::TextFeatures& text, const model::ImageFeatures& image,
                std::span<const std::int64_t> text_rows, std::span<const std::int64_t> image_rows,
                std::size_t most, const PooledSink& sink) {
  const at::Device device = text.levels.at(0).device();
  for (std::size_t first = 0; first < text_rows.size(); first += most) {
    const std::size_t count = std::min(most, text_rows.size() - first);
    const auto part = [&](std::span<const std::int64_t> rows) {
      const at::Tensor chosen = host_buffer({static_cast<std::int64_t>(count)}, at::kLong, device);
      std::ranges::copy(rows.subspan(first, count), chosen.data_ptr<std::int64_t>());
      return chosen;
    };
    sink(first, fuse(model::select(text, part(text_rows)), model::select(image, part(image_rows))));
  }
}

}  // namespace bteval::engine
