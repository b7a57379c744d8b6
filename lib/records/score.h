// What metrics produce and reports show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bteval::records {

/// One number of a score.
struct ScoreValue {
  std::string name;        ///< "overall", "yes/no", "how many"
  double value = 0;        ///< in the unit that the score's table uses; percent unless it says otherwise
  std::int64_t count = 0;  ///< samples that it is the mean of
  std::optional<std::int64_t> correct = {};  ///< how many of `count` are right, where the metric counts that
};

/// A group of values with a title: "by answer type".
struct ScoreGroup {
  std::string name;
  std::vector<ScoreValue> values;
};

/// Samples counted by two properties: a confusion matrix.
struct CountMatrix {
  std::string name;                     ///< "confusion matrix"
  std::string row_title, column_title;  ///< "gold", "predicted"
  std::vector<std::string> rows, columns;
  std::vector<std::int64_t> counts;  ///< [rows, columns] row-major
};

/// The result of scoring one split.
struct Score {
  std::string metric;  ///< "VQA accuracy"
  std::string scorer;  ///< the named variant: "official-2021"
  ScoreValue overall;
  std::vector<ScoreGroup> groups;
  std::vector<CountMatrix> matrices = {};
};

}  // namespace bteval::records
