// How the processes of one run treat each other.
#pragma once

#include <chrono>

namespace bteval::distributed {

/// What becomes of the work of a rank that is lost.
enum class OnLostRank {
  kTakeOver,  ///< the others do it
  kStop,      ///< the run ends, to be resumed
};

struct TeamOptions {
  std::chrono::milliseconds rank_timeout = std::chrono::seconds(60);
  OnLostRank on_lost = OnLostRank::kTakeOver;
};

}  // namespace bteval::distributed
