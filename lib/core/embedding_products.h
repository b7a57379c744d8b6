// Inner products of two sets of embeddings, some rows at a time: what an evaluation chooses candidates by and
// what its scores are ranked by again must be the same numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bteval {

/// Products in a fixed order of summation: added up in float64 from the first column to the last and rounded
/// to float32. A product of two float32 is exact in float64, so that fused and separate multiplication and
/// addition give the same sum: product() and multiply_rows() agree bit by bit, on every machine. Safe to use
/// from several threads.
class EmbeddingProducts {
 public:
  static constexpr std::uint32_t kRowBlock = 32;  ///< rows that multiply_rows() is best called with

  /// `images` [any, size] and `texts` [any, size], row-major, must outlive the object; size > 0.
  EmbeddingProducts(std::span<const float> images, std::span<const float> texts, std::size_t size);

  float product(std::size_t image, std::size_t text) const;
  /// Writes [rows, number of texts] products.
  void multiply_rows(std::size_t first_image, std::size_t rows, float* out) const;

 private:
  std::span<const float> images_, texts_;
  std::size_t size_, num_texts_;
  std::vector<float> interleaved_texts_;
};

}  // namespace bteval
