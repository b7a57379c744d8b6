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

/// What happens to a sample whose image cannot be decoded.
enum class OnBadImage {
  kFail,   ///< the run ends with the error
  kWrong,  ///< the sample gets no answer, which counts as wrong; it is named in the manifest
};

struct EngineOptions {
  std::string device = "auto";  ///< "cpu", "cuda", "cuda:N"; "auto": CUDA where there is one
  DataType dtype = DataType::kFloat32;
  int threads = 0;                    ///< CPU compute threads; 0: all cores
  int loader_threads = 0;             ///< image decoding threads; 0: chosen from the cores and the device
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
