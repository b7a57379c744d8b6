#include "model/linear.h"

namespace bteval::model {

Linear::Linear(const at::Tensor& weight, const at::Tensor& bias, const Placement& placement)
    : weight_(placement(weight)),
      bias_(bias.defined() ? placement(bias) : at::Tensor()),
      fused_activation_(placement.savings.fused_activation) {
  if (placement.savings.packed_weights) packed_ = pack_matrix(weight_, bias_);
  if (packed_) weight_ = at::Tensor();
}

at::Tensor Linear::operator()(const at::Tensor& x, Activation activation) const {
  if (packed_ && (fused_activation_ || activation == Activation::kNone))
    return packed_->product(x, bias_, activation);
  at::Tensor y = packed_           ? packed_->product(x, bias_, Activation::kNone)
                 : bias_.defined() ? at::linear(x, weight_, bias_)
                                   : at::linear(x, weight_);
  if (activation == Activation::kGelu) at::gelu_(y);
  if (activation == Activation::kSilu) at::silu_(y);
  return y;
}

LinearParameters load_linear(WeightLoader& loader, const std::string& name, std::int64_t rows,
                             std::int64_t columns) {
  return {loader.tensor(name + ".weight", {rows, columns}), loader.tensor(name + ".bias", {rows})};
}

LinearStack::LinearStack(const std::vector<LinearParameters>& layers, const Placement& placement)
    : count_(static_cast<std::int64_t>(layers.size())) {
  if (!placement.savings.fused_projections) {
    for (const LinearParameters& layer : layers) products_.push_back(layer.place(placement));
    return;
  }
  std::vector<at::Tensor> weights, biases;
  for (const LinearParameters& layer : layers) {
    weights.push_back(layer.weight);
    biases.push_back(layer.bias);
  }
  products_.emplace_back(at::cat(weights), at::cat(biases), placement);
}

std::vector<at::Tensor> LinearStack::operator()(const at::Tensor& x) const {
  if (products_.size() == 1) return products_[0](x).chunk(count_, -1);
  std::vector<at::Tensor> parts;
  for (const Linear& product : products_) parts.push_back(product(x));
  return parts;
}

at::Tensor LinearStack::joined(const at::Tensor& x) const {
  return products_.size() == 1 ? products_[0](x) : at::cat((*this)(x), -1);
}

}  // namespace bteval::model
