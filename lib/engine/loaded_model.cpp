#include "engine/loaded_model.h"

#include "engine/device.h"
#include "model/fused_ops.h"
#include "model/torch_compat.h"

namespace bteval::engine {
namespace {

model::BridgeTower load(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options,
                        const at::Device& device) {
  set_compute_threads(options.threads);
  return model::run_inference([&] {
    return model::BridgeTower::load(checkpoint, model::resolve_config(checkpoint),
                                    {device, scalar_type(options.dtype)});
  });
}

}  // namespace

LoadedModel::LoadedModel(const checkpoint::Checkpoint& checkpoint, EngineOptions resolved,
                         const at::Device& on)
    : options(std::move(resolved)), device(on), bridgetower(load(checkpoint, options, device)) {}

std::vector<std::pair<std::string, std::string>> LoadedModel::environment() const {
  const DeviceInfo info = device_info(device);
  std::vector<std::pair<std::string, std::string>> facts = {
      {"libtorch", info.libtorch_version}, {"device_name", info.name}, {"libtorch_build", info.blas}};
  if (device.is_cuda()) facts.emplace_back("kernels", model::uses_fused_kernels() ? "fused" : "libtorch");
  return facts;
}

}  // namespace bteval::engine
