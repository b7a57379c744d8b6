// A checkpoint of any supported kind as named tensors, memory-mapped.
//
// Supported: a safetensors file; a Hugging Face directory (config.json with model.safetensors, a sharded
// model.safetensors.index.json, or pytorch_model.bin); a Lightning .ckpt or a pytorch_model.bin (zip with a pickle).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/tensor_view.h"
#include "core/json.h"

namespace bteval::checkpoint {

enum class Format { kSafetensors, kTorchZip };

struct Checkpoint {
  std::filesystem::path path;                 ///< as the user gave it
  Format format = Format::kSafetensors;
  std::map<std::string, TensorView> tensors;  ///< under the names in the file
  std::optional<Json> config;                 ///< config.json beside the weights, or given with --config
  Json hyper_parameters;                      ///< what a Lightning file carries under that name (null where none);
                                              ///< unknown classes in it are {"__class__": "module.Name", ...}
  std::vector<std::filesystem::path> files;   ///< every weight file that was read, in a fixed order
  std::map<std::string, std::string> metadata;  ///< safetensors' __metadata__
};

/// Opens what `path` names, by content rather than by extension. `config` overrides the directory's config.json.
/// Error(kCheckpoint) naming file, record and offset where anything is missing or malformed.
Checkpoint open_checkpoint(const std::filesystem::path& path,
                           const std::optional<std::filesystem::path>& config = std::nullopt);

/// SHA-256 over the weight files: the file's own digest where there is one file; the digest of the
/// "<hex>  <name>\n" lines in the order of Checkpoint::files where there are several.
std::string checkpoint_sha256(const Checkpoint& checkpoint);

}  // namespace bteval::checkpoint
