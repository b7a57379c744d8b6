// A BridgeTower or METER of a few thousand parameters with reproducible random values, in memory.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>

#include "checkpoint/checkpoint.h"
#include "model/config.h"

namespace bteval::testing {

struct TinyShape {
  std::int64_t hidden = 16, heads = 2, cross_layers = 2, ffn = 24;
  std::int64_t vocab = 40, text_width = 12, text_heads = 4, layers = 3, positions = 20;
  std::int64_t vision_width = 64, patch = 4, grid = 3, vision_ffn = 32;
  std::int64_t token_types = 3, labels = 7, itc = 5;
  std::int64_t vision_layers = 3;
  bool meter = false, gated = false;
};

/// METER of unequal towers, or with gates (and then towers as wide as the hidden size).
TinyShape tiny_meter(bool gated = false);

/// Parameters under canonical names (model/key_map.h) with all heads, float32.
std::map<std::string, at::Tensor> tiny_parameters(const TinyShape& shape = {});

/// A checkpoint of one family holding these parameters, with a matching config.json. `prefixed`: Hugging
/// Face's "bridgetower." prefix.
checkpoint::Checkpoint tiny_checkpoint(model::Family family, const TinyShape& shape = {},
                                       bool prefixed = true);
checkpoint::Checkpoint make_checkpoint(model::Family family,
                                       const std::map<std::string, at::Tensor>& parameters,
                                       const TinyShape& shape = {}, bool prefixed = true);

/// Replaces or adds one tensor, under the name that the file has it.
void put_tensor(checkpoint::Checkpoint& checkpoint, const std::string& name, const at::Tensor& value);

struct TinyBatch {
  at::Tensor ids, mask, pixels;
};
/// `lengths` tokens per text, padded to the longest; as many images.
TinyBatch tiny_batch(const TinyShape& shape, const std::vector<std::int64_t>& lengths);

/// Largest absolute difference; infinity where shapes differ.
double max_difference(const at::Tensor& a, const at::Tensor& b);

}  // namespace bteval::testing
