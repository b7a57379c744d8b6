#include "model/link_tower.h"

namespace bteval::model {

at::Tensor Bridge::operator()(const at::Tensor& tower, const at::Tensor& cross) const {
  const at::Tensor scaled = tower_factor == 1.0 ? tower : tower * tower_factor;
  return norm(at::add(scaled, cross, cross_factor));
}

Bridge load_bridge(WeightLoader& loader, const std::string& name, const ModelConfig& config,
                   const Placement& placement) {
  Bridge bridge;
  bridge.norm = load_layer_norm(loader, name + ".LayerNorm", config.hidden_size, config.bridge_layer_norm_eps,
                                placement);
  if (config.link_tower == LinkTower::kScaledAdd) {
    bridge.tower_factor = loader.tensor(name + ".scaled_factor", {}).item<double>();
  } else if (config.link_tower == LinkTower::kInterpolate) {
    const double beta = loader.tensor(name + ".beta", {}).item<double>();
    bridge.tower_factor = 1.0 - beta;
    bridge.cross_factor = beta;
  }
  return bridge;
}

}  // namespace bteval::model
