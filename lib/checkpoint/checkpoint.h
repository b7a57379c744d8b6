// A checkpoint of any supported kind as named tensors, memory-mapped.
//
// Supported: a safetensors file; a Hugging Face directory (config.json with model.safetensors, a sharded
// model.safetensors.index.json, pytorch_model.bin or its sharded index); an index file itself; a Lightning
// .ckpt or a pytorch_model.bin (zip with a pickle).
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

/// "safetensors" or "torch zip".
const char* format_name(Format format);

struct Checkpoint {
  std::filesystem::path path;                 ///< as the user gave it
  Format format = Format::kSafetensors;       ///< of the first weight file
  std::map<std::string, TensorView> tensors;  ///< under the names in the file
  std::optional<Json> config;                 ///< config.json beside the weights, or given with --config
  std::string config_source;                  ///< path of the file that `config` was read from, for messages
  Json hyper_parameters;  ///< what a Lightning file carries under that name (null where none);
                          ///< unknown classes in it are {"__class__": "module.Name", ...}
  std::vector<std::filesystem::path> files;     ///< every weight file that was read, in a fixed order
  std::map<std::string, std::string> metadata;  ///< safetensors' __metadata__
};

/// Opens what `path` names, by content rather than by extension. `config` (a file, or a folder with a
/// config.json) overrides the config.json beside the weights. A folder's weights are the first of
/// model.safetensors, model.safetensors.index.json, pytorch_model.bin and pytorch_model.bin.index.json, as in
/// transformers. Error(kCheckpoint) naming file, record and offset where anything is missing or malformed.
Checkpoint open_checkpoint(const std::filesystem::path& path,
                           const std::optional<std::filesystem::path>& config = std::nullopt);

/// SHA-256 over the weight files: the file's own digest where there is one file; the digest of the
/// "<hex>  <name>\n" lines in the order of Checkpoint::files where there are several.
std::string checkpoint_sha256(const Checkpoint& checkpoint);

}  // namespace bteval::checkpoint
