// Any checkpoint as one safetensors file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/tensor_view.h"

namespace bteval::app {

/// Whose parameter names the written file has.
enum class ConvertNames { kKeep, kOfficial, kHuggingFace };

struct ConvertOptions {
  std::filesystem::path model;               ///< what open_checkpoint reads
  std::filesystem::path out;                 ///< the safetensors file to write; replaced where it exists
  ConvertNames names = ConvertNames::kKeep;  ///< kKeep keeps every tensor, also unused ones
  std::optional<checkpoint::DType> dtype;    ///< of floating tensors; empty keeps each one's own

  /// Error(kUsage) where the output is the input.
  void validate() const;
};

struct Conversion {
  std::size_t tensors = 0;
  std::vector<std::string>
      dropped;                     ///< tensors with no name on the other side, and buffers that nothing reads
  std::string sha256;              ///< of the written file
  std::vector<std::string> notes;  ///< what changes for whoever reads the file
};

/// Equal input gives equal bytes. Strided views become contiguous; official τ and Hugging Face's -ln τ are
/// turned into each other, in float32. Error(kCheckpoint) where names are asked for and the file is no
/// BridgeTower's or METER's, and for Hugging Face names of a METER, of which there are none.
Conversion convert_checkpoint(const ConvertOptions& options);

}  // namespace bteval::app
