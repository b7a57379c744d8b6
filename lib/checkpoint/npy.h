// NumPy's array files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): one array
// each.
#pragma once

#include <memory>

#include "checkpoint/tensor_view.h"
#include "core/bytes.h"

namespace bteval::checkpoint {

/// Whether the bytes begin as such a file does.
bool is_npy(const Bytes& bytes);

/// Reads a file of format version 1 to 3 whose elements are little-endian or of one byte: float16, float32,
/// float64, signed integers, uint8 and bool. An array in Fortran order comes out with its strides. Nothing is
/// copied.
///
/// Error(kCheckpoint) naming file and offset for anything else: another dtype or byte order, Python objects,
/// a malformed header, a file that is shorter or longer than the shape says.
TensorView read_npy(const std::shared_ptr<const Bytes>& bytes);

}  // namespace bteval::checkpoint
