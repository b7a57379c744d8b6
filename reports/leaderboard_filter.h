// Which rows of a leaderboard to show.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/leaderboard.h"

namespace bteval::reports {

/// "task=vqav2,model=BridgeTower": a row stays where each key has one of its values in it, in any case. A key
/// may stand several times: task=vqav2,task=nlvr2.
class LeaderboardFilter {
 public:
  LeaderboardFilter() = default;
  /// Keys: task (the whole name), name, model, setting, source (in the footnotes), origin (run or published).
  /// Error(kUsage) for another key or a part without '='.
  explicit LeaderboardFilter(std::string_view text);

  bool keeps(const LeaderboardRow& row) const;
  bool has(const std::string& key) const { return wanted_.contains(key); }

 private:
  std::map<std::string, std::vector<std::string>> wanted_;
};

}  // namespace bteval::reports
