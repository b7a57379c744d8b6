#include "model/linear.h"

namespace bteval::model {

Linear::Linear(const at::Tensor& weight, const at::Tensor& bias, const Placement& placement)
    : weight_(placement(weight)), bias_(bias.defined() ? placement(bias) : at::Tensor()) {
  packed_ = pack_matrix(weight_, bias_);
  if (packed_) weight_ = at::Tensor();
}

at::Tensor Linear::operator()(const at::Tensor& x, Activation activation) const {
  if (packed_) return packed_->product(x, bias_, activation);
  at::Tensor y = bias_.defined() ? at::linear(x, weight_, bias_) : at::linear(x, weight_);
  if (activation == Activation::kGelu) at::gelu_(y);
  if (activation == Activation::kSilu) at::silu_(y);
  return y;
}

LinearParameters load_linear(WeightLoader& loader, const std::string& name, std::int64_t rows,
                             std::int64_t columns) {
  return {loader.tensor(name + ".weight", {rows, columns}), loader.tensor(name + ".bias", {rows})};
}

LinearParameters stack(const std::vector<LinearParameters>& layers) {
  std::vector<at::Tensor> weights, biases;
  for (const LinearParameters& layer : layers) {
    weights.push_back(layer.weight);
    biases.push_back(layer.bias);
  }
  return {at::cat(weights), at::cat(biases)};
}

}  // namespace bteval::model
