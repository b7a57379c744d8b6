// What the commands `bteval score TASK` have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "records/score.h"
#include "records/source_file.h"

namespace bteval::app {

/// Scored predictions.
struct ScoreResult {
  std::string task, split;
  records::Score score;
  std::string signature;
  OrderedJson counts;                      ///< "examples", "predictions", "scored", "missing", …
  std::vector<std::string> notes;          ///< one line each: what does not count, and why
  std::vector<records::SourceFile> files;  ///< annotations, …, predictions last
};

/// "nlvr2|split:dev|scorer:official|n:6982|annotations:…|bteval:0.1.0"; where `of` is more than what counts,
/// "|of:…|partial:yes" follows n. Predictions are no part of it.
std::string score_signature(const std::string& task, const std::string& split, const records::Score& score,
                            std::uint64_t of, std::span<const records::SourceFile> files);

/// [{"role", "path", "sha256"}, …]
OrderedJson files_to_json(std::span<const records::SourceFile> files);

/// {"task", "split", "signature", "score", "counts", "files"}: the same result gives the same bytes.
OrderedJson to_json(const ScoreResult& result);

/// Prints the table, the matrices, `lines`, the notes and the signature; writes the JSON where `json` is not
/// empty.
void report_score(const ScoreResult& result, const std::filesystem::path& json,
                  const std::vector<std::string>& lines = {});

}  // namespace bteval::app
