// What a weight file is, by its first bytes.
#pragma once

#include "core/bytes.h"

namespace bteval::checkpoint {

enum class FileKind { kSafetensors, kTorchZip, kJson };

/// Error(kCheckpoint) naming the file for everything else, with what it is where that shows (a Git LFS
/// pointer, a web page, a torch file of the format before 1.6, ...) and what to do about it.
FileKind detect_file_kind(const Bytes& bytes);

}  // namespace bteval::checkpoint
