// A share of right samples as a value of a score.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "records/score.h"

namespace bteval::metrics {

/// 100 * (correct / count): the order of operations of scorers that print the quotient. NaN where count is 0.
inline double percent_of(std::int64_t correct, std::int64_t count) {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  return 100 * (static_cast<double>(correct) / static_cast<double>(count));
}

inline records::ScoreValue share(std::string name, std::int64_t correct, std::int64_t count) {
  return {std::move(name), percent_of(correct, count), count, correct};
}

}  // namespace bteval::metrics
