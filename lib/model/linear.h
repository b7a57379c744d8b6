// A linear layer, and several with the same input as one product.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "model/torch_compat.h"
#include "model/weight_loader.h"

namespace bteval::model {

/// Where parameters live and in which type products are computed.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;

  at::Tensor operator()(const at::Tensor& value) const { return value.to(device, dtype).contiguous(); }
};

/// y = x Wᵀ + b. Weights are kept in oneDNN's layout where that is faster (torch_compat.h), else dense.
class Linear {
 public:
  Linear() = default;
  /// weight [N, K] and bias [N] or undefined, float32 on the CPU.
  Linear(const at::Tensor& weight, const at::Tensor& bias, const Placement& placement);

  /// x [..., K] in the placement's dtype and device; the result is [..., N], freshly allocated.
  at::Tensor operator()(const at::Tensor& x, Activation activation = Activation::kNone) const;

 private:
  at::Tensor weight_;  // undefined where packed_ is set
  at::Tensor bias_;
  std::shared_ptr<const PackedMatrix> packed_;
};

/// Weight and bias of a layer as the checkpoint has them: float32 on the CPU.
struct LinearParameters {
  at::Tensor weight, bias;

  Linear place(const Placement& placement) const { return Linear(weight, bias, placement); }
};

/// Reads name.weight [rows, columns] and name.bias [rows].
LinearParameters load_linear(WeightLoader& loader, const std::string& name, std::int64_t rows,
                             std::int64_t columns);

/// Stacks layers with the same input: one product computes them all.
LinearParameters stack(const std::vector<LinearParameters>& layers);

}  // namespace bteval::model
