// Any bytes as scores of a retrieval split (bteval's score files; matrices in safetensors, NumPy and raw
// form): a matrix of the split's size inside the file's bytes, or a bteval::Error of kind data.
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "parts.h"
#include "tasks/retrieval_scores.h"
#include "tasks/score_matrix.h"

namespace {

using namespace bteval;

constexpr std::uint32_t kImages = 2, kCaptions = 3;

double sum(const records::ScoreMatrix& matrix) {
  double total = 0;
  for (const float value : matrix.f32) total += static_cast<double>(value);
  for (const double value : matrix.f64) total += value;
  return total;
}

template <typename Read>
void check(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData && error.context().file == "s.npy");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = Bytes::from_memory("s.npy", std::string_view(reinterpret_cast<const char*>(data), size));
  volatile double touched = 0;
  for (const bool transposed : {false, true}) {
    check([&] {
      const auto matrix = app::read_score_matrix(bytes, kImages, kCaptions, transposed);
      fuzz::require(matrix.f32.size() + matrix.f64.size() == std::size_t{kImages} * kCaptions);
      touched = sum(matrix);
    });
  }
  const bool own = app::is_retrieval_score_file(bytes);
  check([&] {
    const auto scores = app::read_retrieval_scores(bytes).scores;
    fuzz::require(own);
    for (const records::ScoredPair& pair : scores.pairs)
      fuzz::require(pair.image < scores.num_images && pair.caption < scores.num_captions);
    fuzz::require(scores.image_embeddings.size() == std::size_t{scores.num_images} * scores.itc_size);
    touched = sum(scores.dense);
  });
  return 0;
}
