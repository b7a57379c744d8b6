// A checkpoint's model on its device, as runners share it.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "engine/options.h"
#include "model/bridgetower.h"

namespace bteval::engine {

struct LoadedModel {
  EngineOptions options;
  at::Device device;
  model::BridgeTower bridgetower;

  /// Sets LibTorch's threads and loads the weights to device `on`. `resolved`: see EngineOptions::resolve().
  /// Error(kCheckpoint), Error(kDevice).
  LoadedModel(const checkpoint::Checkpoint& checkpoint, EngineOptions resolved, const at::Device& on);

  /// "LibTorch 2.13.0", processor or GPU, matrix library: see DeviceInfo.
  std::vector<std::pair<std::string, std::string>> environment() const;
};

}  // namespace bteval::engine
