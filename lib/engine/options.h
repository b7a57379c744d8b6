// How a run computes. Everything here that can change a bit of a result is written to the run's manifest.
#pragma once

#include <cstdint>
#include <string>

#include "engine/plan.h"
#include "image/transform.h"

namespace bteval::engine {

enum class DataType { kFloat32, kBFloat16, kFloat16 };

/// "fp32", "bf16", "fp16".
const char* data_type_name(DataType type);
/// Throws Error(kUsage) for any other name.
DataType parse_data_type(const std::string& name);

/// What happens to a sample with an image that is not there or cannot be decoded. With the last two it gets
/// no answer and is named in the manifest.
enum class OnBadImage {
  kFail,     ///< the run ends with the error
  kWrong,    ///< no answer counts as a wrong one
  kExclude,  ///< the score is that of the other samples, and its signature says so
};

/// "fail", "wrong", "exclude".
const char* on_bad_image_name(OnBadImage value);
/// Throws Error(kUsage) for any other name.
OnBadImage parse_on_bad_image(const std::string& name);

struct EngineOptions {
  std::string device = "auto";  ///< "cpu", "cuda", "cuda:N" or several, "cuda:0,cuda:1"; "auto": CUDA where
                                ///< there is one
  DataType dtype = DataType::kFloat32;
  int threads = 0;                    ///< CPU compute threads of each device; 0: all cores, divided
  int loader_threads = 0;             ///< image decoding threads; 0: chosen from the cores and the device
  int processes_on_host = 1;          ///< that share this machine's cores: what is chosen is divided by them
  std::uint32_t pairs_per_batch = 0;  ///< rows of one fusion pass; 0: 16 on CPU, 128 on CUDA
  std::uint32_t prefetch_units = 3;   ///< units that are loaded ahead
  std::uint32_t max_length =
      50;  ///< tokens of a text with <s> and </s>; longer ones are truncated and counted
  image::TransformOptions transform;
  OnBadImage on_bad_image = OnBadImage::kFail;
  PlanOptions plan;

  /// Fills every value that stands for "choose" and checks the others; Error(kUsage) or, where the device is
  /// not there, Error(kDevice).
  void resolve();
};

}  // namespace bteval::engine
