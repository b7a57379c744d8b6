// The batches that every kind of run is made of: texts of similar length, and pairs of texts and images.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/bridgetower.h"

namespace bteval::engine {

using Rows = std::vector<std::int64_t>;

/// The rows as an int64 tensor on `device`; a GPU need not be done with what it does to receive them.
at::Tensor to_device(const Rows& rows, const at::Device& device);

/// Texts of similar length together: indices into `lengths`, shortest first, equal lengths in their order. As
/// few buckets as hold at most `most` each, all of one size or one less: a small last one would waste
/// threads.
std::vector<Rows> length_buckets(std::span<const std::size_t> lengths, std::size_t most);

/// Texts that go through the text tower together, and the buckets of them that are fused together.
struct TextPass {
  struct Bucket {
    std::int64_t first = 0, count = 0;  ///< rows of the pass
    std::int64_t longest = 0;           ///< tokens
    bool padded = false;                ///< whether one is shorter
  };
  Rows texts;  ///< indices into the lengths
  std::vector<Bucket> buckets;
};

/// The passes of the texts of a unit, in `buckets` of them: one for all where the tower leaves padding out,
/// so that its products have many rows; else one a bucket, which pads less. `tokens`: of each text.
std::vector<TextPass> text_passes(const std::vector<Rows>& buckets, std::span<const std::size_t> tokens,
                                  bool together);
/// What of the pass belongs to one bucket.
std::span<const std::int64_t> bucket_of(const Rows& texts, const TextPass::Bucket& bucket);
model::TextFeatures bucket_of(const model::TextFeatures& features, const TextPass::Bucket& bucket);

/// Token ids as the text tower takes them, in host memory: it checks them there.
struct TextBatch {
  at::Tensor ids, mask;  ///< [B, longest text] int64
};
/// Pads each text to the longest one. `device`: the one that they are for.
TextBatch pad_texts(std::span<const std::span<const std::int32_t>> texts, std::int64_t pad_token_id,
                    const at::Device& device);

/// [B, 2H] float32: the pooled vectors of rows that belong together.
using FuseCall = std::function<at::Tensor(const model::TextFeatures&, const model::ImageFeatures&)>;
using PooledSink = std::function<void(std::size_t first, const at::Tensor& cls)>;

/// Fuses row text_rows[i] of `text` with row image_rows[i] of `image`, `most` pairs at a time, and hands each
/// batch's pooled vectors to `sink` with the index of its first pair.
void fuse_pairs(const FuseCall& fuse, const model::TextFeatures& text, const model::ImageFeatures& image,
                std::span<const std::int64_t> text_rows, std::span<const std::int64_t> image_rows,
                std::size_t most, const PooledSink& sink);

}  // namespace bteval::engine
