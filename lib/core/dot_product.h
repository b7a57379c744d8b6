// Inner products of float vectors whose bits do not depend on how the work is cut up.
#pragma once

#include <cstddef>

namespace bteval {

/// out[r * out_stride + c] = Σ rows[r][i] * columns[c][i] for every row and column vector of `size` floats.
///
/// The order of the additions is fixed: eight partial sums by index modulo 8, then those in pairs. So a
/// product is the same wherever it stands in a block, and whoever ranks by similarity again, with other
/// blocks or none, finds the same ties. (A BLAS gives other last bits for other shapes.)
void dot_products(const float* rows, std::size_t num_rows, const float* columns, std::size_t num_columns,
                  std::size_t size, float* out, std::size_t out_stride);

/// One of them.
float dot_product(const float* a, const float* b, std::size_t size);

}  // namespace bteval
