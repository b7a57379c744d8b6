// The bridge between a tower's layer and the cross-modal layer above it.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "model/config.h"
#include "model/layer_norm.h"

namespace bteval::model {

/// LN(t * tower_factor + c * cross_factor); see LinkTower for the three types.
struct Bridge {
  LayerNorm norm;
  double tower_factor = 1.0, cross_factor = 1.0;

  /// tower: the transformed tower output with its type embedding; cross: the previous cross-modal output.
  /// Both [B, S, H], or one of them with a batch of 1.
  at::Tensor operator()(const at::Tensor& tower, const at::Tensor& cross) const;
};

Bridge load_bridge(WeightLoader& loader, const std::string& name, const ModelConfig& config,
                   const Placement& placement);

}  // namespace bteval::model
