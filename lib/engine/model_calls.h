// The model as runners call it: small batches on a GPU as graphs.
#pragma once

#include <ATen/ATen.h>

#include "engine/graph_cache.h"
#include "engine/pair_batches.h"
#include "model/bridgetower.h"

namespace bteval::engine {

/// The same results as BridgeTower's members of the same names. Keeps a reference to the model. Not for
/// several threads.
class ModelCalls {
 public:
  explicit ModelCalls(const model::BridgeTower& model)
      : model_(model), graphs_(make_graph_recorder(model.options().device)) {}

  /// pixels [B, 3, S, S] on the device.
  model::ImageFeatures encode_image(const at::Tensor& pixels, int image_type = 1);
  model::TextFeatures encode_text(const TextBatch& batch);
  /// [B, 2H] float32.
  at::Tensor fuse(const model::TextFeatures& text, const model::ImageFeatures& image);
  /// fuse() as fuse_pairs() takes it.
  FuseCall fuser() {
    return [this](const model::TextFeatures& text, const model::ImageFeatures& image) {
      return fuse(text, image);
    };
  }

 private:
  const model::BridgeTower& model_;
  GraphCache graphs_;
};

}  // namespace bteval::engine
