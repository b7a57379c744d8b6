// Devices and number types in LibTorch's terms, and what a manifest says about them.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "engine/options.h"

namespace bteval::engine {

/// GPUs that LibTorch can use.
int cuda_device_count();

/// "cpu", "cuda", "cuda:1" or "auto". Error(kUsage) for anything else, Error(kDevice) where LibTorch cannot
/// use it.
at::Device parse_device(const std::string& name);

/// The same for a list separated by commas, such as "cuda:0,cuda:1". Error(kUsage) where GPUs and CPUs are
/// mixed or a GPU comes twice; "cpu,cpu" is two models that share the threads.
std::vector<at::Device> parse_devices(const std::string& names);

at::ScalarType scalar_type(DataType type);

/// Facts about the computing environment that a run's manifest records.
struct DeviceInfo {
  std::string libtorch_version;  ///< "2.13.0"
  std::string name;              ///< "AMD EPYC", "NVIDIA H200"
  std::string blas;              ///< matrix library and oneDNN, as LibTorch reports them
};
DeviceInfo device_info(const at::Device& device);

/// Sets LibTorch's number of CPU threads inside one operation and switches everything to reproducible
/// algorithms.
void set_compute_threads(int threads);

}  // namespace bteval::engine
