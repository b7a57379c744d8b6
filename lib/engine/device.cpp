#include "engine/device.h"

#include <ATen/Parallel.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "core/error.h"
#include "engine/openmp_guard.h"
#include "engine/torch_version.h"
#include "model/torch_compat.h"

namespace bteval::engine {

int cuda_device_count() {
  return at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
}

namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

// The driver's own list, since LibTorch gives device properties only through CUDA's headers. Where the
// machine holds several models, all are named: which of them cuda:N is depends on CUDA_VISIBLE_DEVICES.
std::string gpu_name() {
  std::set<std::string> models;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", ignored)) {
    std::ifstream info(entry.path() / "information");
    for (std::string line; std::getline(info, line);) {
      if (!line.starts_with("Model:")) continue;
      const std::size_t begin = line.find_first_not_of(" \t", 6);
      if (begin != std::string::npos) models.insert(line.substr(begin));
    }
  }
  return models.empty() ? "CUDA device" : fmt::format("{}", fmt::join(models, " / "));
}

// at::show_config() is a page of text: keeps the lines that say who multiplies the matrices.
std::string blas_summary() {
  const std::string config = at::show_config();
  std::string summary;
  std::size_t pos = 0;
  while (pos < config.size()) {
    std::size_t end = config.find('\n', pos);
    if (end == std::string::npos) end = config.size();
    std::string line = config.substr(pos, end - pos);
    pos = end + 1;
    const std::size_t begin = line.find_first_not_of(" -");
    if (begin == std::string::npos) continue;
    line = line.substr(begin);
    const bool wanted = line.starts_with("Intel(R) oneAPI Math Kernel") ||
                        line.starts_with("Intel(R) MKL-DNN") || line.starts_with("LAPACK is enabled") ||
                        line.starts_with("CPU capability usage") || line.starts_with("CUDA Runtime") ||
                        line.starts_with("CuDNN");
    if (wanted) summary += (summary.empty() ? "" : "; ") + line;
  }
  return summary;
}

}  // namespace

at::Device parse_device(const std::string& name) {
  const int gpus = cuda_device_count();
  if (name == "cpu" || (name == "auto" && gpus == 0)) return at::kCPU;
  int index = 0;
  if (name.starts_with("cuda:")) {
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + 5, end, index);
    if (parsed.ec != std::errc() || parsed.ptr != end || index < 0) index = -1;
  } else if (name != "cuda" && name != "auto") {
    index = -1;
  }
  if (index < 0) {
    throw Error(ErrorCode::kUsage,
                fmt::format("there is no device \"{}\": use auto, cpu, cuda or cuda:N", printable(name, 40)));
  }
  if (!at::hasCUDA())
    throw Error(ErrorCode::kDevice, "this LibTorch was built without CUDA, or finds no driver");
  if (index >= gpus)
    throw Error(ErrorCode::kDevice, fmt::format("{} is not there: {} GPUs found", name, gpus));
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

std::vector<at::Device> parse_devices(const std::string& names) {
  std::vector<at::Device> devices;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const at::Device device = parse_device(names.substr(begin, end - begin));
    const bool again = std::ranges::find(devices, device) != devices.end();
    if (!devices.empty() && (device.type() != devices.front().type() || (again && device.is_cuda()))) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("a run is on GPUs, each once, or on the CPU, not on {}", printable(names, 80)));
    }
    devices.push_back(device);
    begin = end + 1;
  }
  return devices;
}

at::ScalarType scalar_type(DataType type) {
  switch (type) {
    case DataType::kFloat32:
      return at::kFloat;
    case DataType::kBFloat16:
      return at::kBFloat16;
    case DataType::kFloat16:
      return at::kHalf;
  }
  return at::kFloat;
}

DeviceInfo device_info(const at::Device& device) {
  return {TORCH_VERSION, device.is_cuda() ? gpu_name() : cpu_name(), blas_summary()};
}

void set_compute_threads(int threads) {
  at::set_num_threads(threads);
  model::choose_reproducible_algorithms();
}

const char* data_type_name(DataType type) {
  switch (type) {
    case DataType::kFloat32:
      return "fp32";
    case DataType::kBFloat16:
      return "bf16";
    case DataType::kFloat16:
      return "fp16";
  }
  return "?";
}

const char* on_bad_image_name(OnBadImage value) {
  switch (value) {
    case OnBadImage::kFail:
      return "fail";
    case OnBadImage::kWrong:
      return "wrong";
    case OnBadImage::kExclude:
      return "exclude";
  }
  return "?";
}

OnBadImage parse_on_bad_image(const std::string& name) {
  for (const OnBadImage value : {OnBadImage::kFail, OnBadImage::kWrong, OnBadImage::kExclude}) {
    if (name == on_bad_image_name(value)) return value;
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("--on-bad-image is fail, wrong or exclude, not \"{}\"", printable(name, 40)));
}

DataType parse_data_type(const std::string& name) {
  for (const DataType type : {DataType::kFloat32, DataType::kBFloat16, DataType::kFloat16}) {
    if (name == data_type_name(type)) return type;
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no dtype \"{}\": use fp32, bf16 or fp16", printable(name, 40)));
}

void EngineOptions::resolve() {
  const std::vector<at::Device> devices = parse_devices(device);
  device.clear();
  for (const at::Device& one : devices) {
    if (!device.empty()) device += ',';
    device += one.str();
  }
  const bool cuda = devices.front().is_cuda();
  const int all_cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int cores = std::max(1, all_cores / std::max(1, processes_on_host));
  const int num_devices = static_cast<int>(devices.size());
  if (threads < 0 || loader_threads < 0)
    throw Error(ErrorCode::kUsage, "the number of threads cannot be negative");
  // OpenMP ends the process where the system has no more threads for it.
  constexpr int kMaxThreads = 4096;
  if (threads > kMaxThreads || loader_threads > kMaxThreads)
    throw Error(ErrorCode::kUsage, fmt::format("more than {} threads are not supported", kMaxThreads));
  const int limit = openmp_thread_limit().value_or(kMaxThreads);
  if (threads > limit) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("OMP_THREAD_LIMIT={} does not allow {} threads: results would be wrong", limit, threads));
  }
  if (threads == 0) threads = std::min(limit, cuda ? cores : std::max(1, cores / num_devices));
  if (loader_threads == 0) loader_threads = cuda ? std::min(cores, 16 * num_devices) : std::max(1, cores / 4);
  if (pairs_per_batch == 0) pairs_per_batch = cuda ? 128 : 16;
  if (prefetch_units == 0)
    throw Error(ErrorCode::kUsage, "the number of units to load ahead must be at least 1");
  if (max_length < 3)
    throw Error(ErrorCode::kUsage, "a text needs room for <s>, one token and </s>: 3 at least");
  transform.validate();
  if (plan.images_per_unit == 0) plan.images_per_unit = cuda ? 32 : 8;
  if (plan.samples_per_unit == 0) plan.samples_per_unit = cuda ? 512 : 64;
}

}  // namespace bteval::engine
