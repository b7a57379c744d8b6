// What differs between the files of two runs that ought to be equal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bteval::app {

struct RunDifference {
  std::string file;            ///< "predictions.jsonl"
  std::string sample;          ///< its id where the file says it, else "line 12"
  std::string field;           ///< "margin", "score/overall/value"; a word's number where a line is no JSON
  std::string a, b;            ///< both values as the files have them; "nothing" where one has none
  std::optional<double> size;  ///< |a - b| where both are numbers with a fraction: the last bits may differ
};

struct RunDifferences {
  std::uint64_t files = 0, lines = 0;  ///< that were compared
  std::vector<RunDifference> all;
  /// Something else than floats differs: an answer, an id, an order.
  bool answers_differ() const;
};

/// Compares predictions.jsonl, metrics.json and every other file that a run has, but for manifest.json,
/// report.md and scores.safetensors, line by line. The signature in metrics.json is left out. Error(kData)
/// where a file cannot be read, or one of the runs has none of them.
RunDifferences compare_runs(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace bteval::app
