// Operations and values of the matrix products of each stage: what times are set against.
#pragma once

#include <cstdint>
#include <span>

#include "model/config.h"
#include "model/savings.h"

namespace bteval::model {

/// Rows that a stage works on.
struct WorkShape {
  std::int64_t text_rows = 0;   ///< S: tokens of a text, padding included
  std::int64_t image_rows = 0;  ///< P: patches + 1
};

/// What products do, for one item of a batch.
struct Work {
  double flop = 0;         ///< a multiplication and an addition count as two
  double activations = 0;  ///< values that the products read and write, the parameters apart
  double parameters =
      0;  ///< values of the parameters that they read: once a batch, however many items it has
};
Work operator+(const Work& a, const Work& b);
Work& operator+=(Work& a, const Work& b);
Work operator*(double times, const Work& work);

/// A batch of `items`, each of which is `work`: the parameters once.
Work batch_of(const Work& work, double items);

/// Bytes that would cross the memory bus for `batch`, with `value_bytes` a value, if no product
/// found anything in a cache that another one has left there. Caches make it less, so the time that these
/// bytes take is the most that memory can be to blame for, not the least.
double memory_bytes(const Work& batch, double value_bytes);

/// Work of one item as the savings leave it. Everything but products (LayerNorm, softmax, GELU, additions) is
/// below 1 % of the operations and not counted; what it takes in time shows as a lower rate.
class WorkCount {
 public:
  WorkCount(const ModelConfig& config, const Savings& savings) : config_(config), savings_(savings) {}

  /// BridgeTower::encode_image() of one image of `image_rows`.
  Work image(std::int64_t image_rows) const;
  /// BridgeTower::encode_text() of one text of `text_rows`.
  Work text(std::int64_t text_rows) const;
  /// The same of a batch without padding, a text of `rows[i]` each, and the rows that fill it up
  /// (packed_rows.h), which go through everything but attention.
  Work packed_texts(std::span<const std::int64_t> rows) const;
  /// BridgeTower::fuse() of one pair, poolers included.
  Work fusion(const WorkShape& shape) const;
  /// A classifier of two layers over `inputs` with `labels` columns.
  static Work classifier(std::int64_t inputs, std::int64_t labels);
  /// One product of `inputs` values with `labels` columns.
  static Work linear(std::int64_t inputs, std::int64_t labels);

  /// Rows of an image of `height` x `width` pixels: its patches and the class token.
  std::int64_t image_rows(std::int64_t height, std::int64_t width) const;

 private:
  Work text_products(std::int64_t rows) const;
  Work text_attention(std::int64_t rows) const;
  Work cross_layer(std::int64_t own, std::int64_t other, bool shared, bool image_side) const;
  Work cross_layer_row(std::int64_t own, std::int64_t other) const;

  ModelConfig config_;
  Savings savings_;
};

}  // namespace bteval::model
