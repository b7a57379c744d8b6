// Score matrices of anybody's, from the files that tensors are kept in.
#pragma once

#include <cstdint>
#include <memory>

#include "checkpoint/safetensors.h"
#include "core/bytes.h"
#include "records/retrieval.h"

namespace bteval::app {

/// Reads a score matrix: a safetensors file with one tensor, a NumPy array file (C or Fortran order), both of
/// float16, bfloat16, float32 or float64; or raw little-endian float32, row-major. Rows are images and
/// columns captions; `transposed` says that it is the other way round. float32 and float64 stay views of the
/// file.
///
/// Error(kData) naming the file where it is none of these or its shape is not that of the split; where the
/// transposed shape fits, the message says so.
records::ScoreMatrix read_score_matrix(const std::shared_ptr<const Bytes>& bytes, std::uint32_t num_images,
                                       std::uint32_t num_captions, bool transposed);

/// A matrix over a contiguous floating tensor of as many elements: a view of it where dtype and alignment
/// allow, else a copy, 16-bit dtypes as float32.
records::ScoreMatrix matrix_over_tensor(const checkpoint::TensorView& view, std::uint32_t num_images,
                                        std::uint32_t num_captions, bool caption_major);

/// checkpoint::read_safetensors() for a file that is data: its errors are Error(kData).
checkpoint::SafetensorsFile read_data_safetensors(const std::shared_ptr<const Bytes>& bytes);

}  // namespace bteval::app
