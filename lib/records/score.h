// What metrics produce and reports show.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bteval::records {

/// One number of a score.
struct ScoreValue {
  std::string name;        ///< "overall", "yes/no", "how many"
  double value = 0;        ///< in the unit that the score's table uses; percent unless it says otherwise
  std::int64_t count = 0;  ///< samples that it is the mean of
};

/// A group of values with a title: "by answer type".
struct ScoreGroup {
  std::string name;
  std::vector<ScoreValue> values;
};

/// The result of scoring one split.
struct Score {
  std::string metric;  ///< "VQA accuracy"
  std::string scorer;  ///< the named variant: "official-2021"
  ScoreValue overall;
  std::vector<ScoreGroup> groups;
};

}  // namespace bteval::records
