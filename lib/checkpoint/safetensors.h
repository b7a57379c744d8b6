// The safetensors format (https://github.com/huggingface/safetensors, "Format"): 8 bytes of header length, a
// JSON header, the tensors' bytes.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "checkpoint/tensor_view.h"
#include "core/bytes.h"

namespace bteval::checkpoint {

struct SafetensorsFile {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;  ///< __metadata__
};

/// Reads one file. Refuses, with Error(kCheckpoint) naming file, tensor and offset: a header over 100 MB or
/// behind the end, malformed JSON, a name that comes twice, an unknown dtype, sizes that contradict dtype and
/// shape, and tensors that overlap, leave holes or do not end where the file ends.
SafetensorsFile read_safetensors(const std::shared_ptr<const Bytes>& bytes);

struct SafetensorsWriteOptions {
  std::optional<DType>
      floating_dtype;  ///< convert floating tensors to this dtype; empty keeps each one's own
};

/// Writes the tensors, contiguous and in the order of the reference implementation (dtype, then name), so
/// that equal input gives equal bytes; streams them, so that memory use does not grow with the file. The file
/// appears when it is complete. Error(kData) naming the path where it cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata = {},
                       const SafetensorsWriteOptions& options = {});

}  // namespace bteval::checkpoint
