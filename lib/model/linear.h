// A linear layer, and several with the same input as one product.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "model/savings.h"
#include "model/torch_compat.h"
#include "model/weight_loader.h"

namespace bteval::model {

/// Where parameters live, in which type products are computed, and which savings are made.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;
  Savings savings = {};

  /// The same with float32 products.
  Placement in_float() const { return {device, at::kFloat, savings}; }

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
  bool fused_activation_ = true;
};

/// Weight and bias of a layer as the checkpoint has them: float32 on the CPU.
struct LinearParameters {
  at::Tensor weight, bias;

  Linear place(const Placement& placement) const { return Linear(weight, bias, placement); }
};

/// Reads name.weight [rows, columns] and name.bias [rows].
LinearParameters load_linear(WeightLoader& loader, const std::string& name, std::int64_t rows,
                             std::int64_t columns);

/// Layers with the same input: one product computes them all, unless Savings::fused_projections is off.
class LinearStack {
 public:
  LinearStack() = default;
  /// All [N, K] with the same N and K.
  LinearStack(const std::vector<LinearParameters>& layers, const Placement& placement);

  /// x [..., K] to one [..., N] a layer; the rows may be slices of a wider product.
  std::vector<at::Tensor> operator()(const at::Tensor& x) const;
  /// The same side by side, [..., layers * N].
  at::Tensor joined(const at::Tensor& x) const;

 private:
  std::vector<Linear> products_;  // one for all, or one each
  std::int64_t count_ = 0;
};

}  // namespace bteval::model
