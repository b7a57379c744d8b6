// How the processes of one run treat each other.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace bteval::distributed {

/// What becomes of the work of a rank that is lost.
enum class OnLostRank {
  kTakeOver,  ///< the others do it
  kStop,      ///< the run ends, to be resumed
};

struct TeamOptions {
  /// A rank that gave no sign of life for so long is lost.
  std::chrono::milliseconds rank_timeout = std::chrono::seconds(60);
  /// So is one that lives but finishes nothing of what it has taken for so long; 0: never. Noticed within 5/4
  /// of it.
  std::chrono::milliseconds unit_timeout = std::chrono::hours(1);
  OnLostRank on_lost = OnLostRank::kTakeOver;
  /// Called once, from another thread, where this rank has lost rank 0 and its work does not end within
  /// another rank_timeout: that work is worth nothing any more, and may hang for ever. Given the reason;
  /// should end the process. Without it the rank ends when its work does.
  std::function<void(const std::string&)> abandon = {};
};

}  // namespace bteval::distributed
