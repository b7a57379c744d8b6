// Scoring SNLI-VE predictions of anybody's.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tasks/score_result.h"

namespace bteval::app {

struct ScoreSnliVeOptions {
  std::filesystem::path annotations;  ///< snli_ve_test.jsonl
  std::filesystem::path predictions;  ///< JSON lines {"pairID", "prediction"}, or predictions.jsonl of a run
  bool allow_partial = false;  ///< score the pairs that have a prediction, ignore predictions for others
  /// Of the first so many samples those without a prediction count as wrong, as a run counts what it refused.
  std::uint64_t wrong_where_missing = 0;
};

/// Reads the files, checks that they fit together and scores the pairs that have a gold label. Throws what
/// the readers throw; Error(kData) where no pair has one.
ScoreResult score_snli_ve(const ScoreSnliVeOptions& options);

}  // namespace bteval::app
