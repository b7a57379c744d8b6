// What torch.save writes since PyTorch 1.6: a zip archive with a pickle and one entry per storage.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "checkpoint/tensor_view.h"
#include "core/bytes.h"
#include "core/json.h"

namespace bteval::checkpoint {

struct TorchFile {
  std::map<std::string, TensorView> tensors;  ///< the state dict
  Json hyper_parameters;                      ///< of a Lightning file; null where there are none
};

/// Reads a Lightning checkpoint (its "state_dict") or a bare state dict (pytorch_model.bin). Tensors are
/// views into `bytes`: storages may be shared, views may have offsets and strides; the device they were saved
/// from is ignored.
///
/// Error(kCheckpoint) naming file, tensor and offset for everything that ZipArchive and parse_pickle refuse,
/// for TorchScript archives, whole pickled modules, big-endian files, entries of the state dict that are no
/// tensors or have a dtype that bteval does not read, and views that reach outside their storage.
TorchFile read_torch_zip(const std::shared_ptr<const Bytes>& bytes);

}  // namespace bteval::checkpoint
