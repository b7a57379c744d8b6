// Layer normalisation over the last dimension; statistics in float32 whatever the dtype.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "model/linear.h"
#include "model/weight_loader.h"

namespace bteval::model {

struct LayerNorm {
  at::Tensor weight, bias;  ///< [H]
  double eps = 1e-5;

  at::Tensor operator()(const at::Tensor& x) const {
    return at::layer_norm(x, weight.sizes(), weight, bias, eps, /*cudnn_enable=*/false);
  }
};

/// Reads name.weight and name.bias, both [width].
inline LayerNorm load_layer_norm(WeightLoader& loader, const std::string& name, std::int64_t width,
                                 double eps, const Placement& placement) {
  return {placement(loader.tensor(name + ".weight", {width})),
          placement(loader.tensor(name + ".bias", {width})), eps};
}

}  // namespace bteval::model
