// Scoring NLVR2 predictions of anybody's.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tasks/score_result.h"

namespace bteval::app {

struct ScoreNlvr2Options {
  std::filesystem::path annotations;  ///< dev.json
  std::filesystem::path balanced;     ///< balanced_dev.json; may be empty, as the next two
  std::filesystem::path unbalanced;
  std::filesystem::path categories;   ///< reasoning categories: datasets/nlvr2_categories.h
  std::filesystem::path predictions;  ///< CSV of the official scorer, or predictions.jsonl of a run
  bool allow_partial = false;         ///< score the examples that have a prediction
  /// Of the first so many samples those without a prediction count as wrong, as a run counts what it refused.
  std::uint64_t wrong_where_missing = 0;
};

/// Reads the files, checks that they fit together and scores. Throws what the readers throw; Error(kData)
/// where an example has no label.
ScoreResult score_nlvr2(const ScoreNlvr2Options& options);

/// The two lines that the official scorer prints, digit for digit: "precision=0.85…", "consistency=0.50…".
std::vector<std::string> official_nlvr2_lines(const records::Score& score);

}  // namespace bteval::app
