#include "core/dot_product.h"

#include <array>
#include <cstring>

namespace bteval {
namespace {

constexpr std::size_t kLanes = 8;
// Whatever vector registers the target has: the sums stay the same.
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

// A Lanes that is returned by value would make the function's interface depend on the vector registers.
void load(const float* from, Lanes& lanes) { std::memcpy(&lanes, from, sizeof(lanes)); }

void load_part(const float* from, std::size_t count, Lanes& lanes) {
  lanes = Lanes{};
  std::memcpy(&lanes, from, count * sizeof(float));
}

float sum(const Lanes& x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

// `Columns` at a time, so that the row is loaded once for all of them.
template <std::size_t Columns>
void row_times_columns(const float* row, const float* columns, std::size_t size, float* out) {
  std::array<Lanes, Columns> sums = {};
  const std::size_t whole = size - size % kLanes;
  Lanes x, y;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    load(row + i, x);
    for (std::size_t c = 0; c < Columns; ++c) {
      load(columns + c * size + i, y);
      sums[c] += x * y;
    }
  }
  if (whole < size) {
    load_part(row + whole, size - whole, x);
    for (std::size_t c = 0; c < Columns; ++c) {
      load_part(columns + c * size + whole, size - whole, y);
      sums[c] += x * y;
    }
  }
  for (std::size_t c = 0; c < Columns; ++c) out[c] = sum(sums[c]);
}

}  // namespace

void dot_products(const float* rows, std::size_t num_rows, const float* columns, std::size_t num_columns,
                  std::size_t size, float* out, std::size_t out_stride) {
  constexpr std::size_t kColumns = 4;
  std::size_t c = 0;
  for (; c + kColumns <= num_columns; c += kColumns) {
    for (std::size_t r = 0; r < num_rows; ++r)
      row_times_columns<kColumns>(rows + r * size, columns + c * size, size, out + r * out_stride + c);
  }
  for (; c < num_columns; ++c) {
    for (std::size_t r = 0; r < num_rows; ++r)
      row_times_columns<1>(rows + r * size, columns + c * size, size, out + r * out_stride + c);
  }
}

float dot_product(const float* a, const float* b, std::size_t size) {
  float product = 0;
  row_times_columns<1>(a, b, size, &product);
  return product;
}

}  // namespace bteval
