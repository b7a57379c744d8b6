// Scoring a VQAv2 result file of anybody's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "metrics/vqa_accuracy.h"
#include "records/score.h"
#include "records/source_file.h"

namespace bteval::app {

struct ScoreVqav2Options {
  std::filesystem::path questions;    ///< v2_OpenEnded_mscoco_val2014_questions.json
  std::filesystem::path annotations;  ///< v2_mscoco_val2014_annotations.json
  std::filesystem::path predictions;  ///< official result file, or predictions.jsonl of a run
  std::filesystem::path vocabulary;   ///< needed by label-score alone
  std::string scorer = "official-2021";
  bool allow_partial = false;  ///< score the questions that have a prediction, ignore predictions for others
  /// Of the first so many samples those without a prediction count as wrong, as a run counts what it refused.
  std::uint64_t wrong_where_missing = 0;
};

struct Vqav2ScoreResult {
  records::Score score;
  std::string signature;
  std::string data_subtype;
  std::vector<records::SourceFile> files;
  std::uint64_t questions = 0;
  std::uint64_t predictions = 0;
  std::uint64_t scored = 0;
  std::uint64_t missing = 0;  ///< questions without a prediction; 0 unless allow_partial
  std::uint64_t unknown = 0;  ///< predictions that were left out; 0 unless allow_partial
  std::uint64_t excluded =
      0;  ///< questions that the scorer leaves out (label-score: no answer in the vocabulary)

  /// By question in the question file's order: id and score in percent, unrounded; nothing where it was not
  /// scored.
  struct PerQuestion {
    std::int64_t question_id = 0;
    std::optional<double> percent;
  };
  std::vector<PerQuestion> per_question;
};

/// Reads the files, checks that they fit together and scores. Throws what the readers throw; Error(kUsage)
/// for an unknown scorer, or for label-score without a vocabulary.
Vqav2ScoreResult score_vqav2(const ScoreVqav2Options& options);

/// The result as JSON: signature, score, counts and files; the same result gives the same bytes.
OrderedJson to_json(const Vqav2ScoreResult& result);

/// {"262148000": 30.0, …}: the official evalQA file, rounded as it is; questions that were not scored are
/// left out.
std::string per_question_json(const Vqav2ScoreResult& result);

}  // namespace bteval::app
