// Rank 0's side of a stage: collects results, and gives the work of lost ranks out again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "distributed/team.h"

namespace bteval::distributed {

/// What became of the other ranks, over all stages.
class Roll {
 public:
  struct Rank {
    std::uint64_t items = 0;  ///< results of its that counted
    bool gone = false;        ///< it has left, failed or is lost
    bool lost = false;        ///< it gave no sign of life for the time-out, or hangs
    bool hangs = false;       ///< it lives, but finishes nothing of what it has taken
    bool agreed = true;       ///< it has said that it computes the same as rank 0
    std::int64_t beats = 0;
    std::chrono::steady_clock::time_point beaten_at;
  };
  explicit Roll(int size);

  /// From now on no stage is finished before each rank has agreed on `run` (Team::agree()) or is gone: one
  /// that begins late, with other options, must not find the run finished without it.
  void expect_agreement(std::string run);
  bool is_complete() const;

  std::string run;
  std::vector<Rank> ranks;
  std::vector<std::string> warnings;  ///< about lost ranks, for people
  std::int64_t next_arrival = 0;      ///< messages before it were read or are in `holes`
  std::set<std::int64_t> holes;       ///< numbers that were given out and have no message yet
};

/// Takes the results of all ranks as they come, on a thread of its own. Rank 0 also takes part as any other
/// rank, with a WorkQueue, but hands its results to add().
class Coordinator {
 public:
  /// Called for each item once, whoever has computed it, by one thread at a time.
  using Sink = std::function<void(std::uint64_t item, std::string_view result)>;

  /// Tells the items of the stage to all. Keeps references to `team` and `roll`.
  Coordinator(Team& team, Roll& roll, std::string stage, std::vector<std::uint64_t> items, Sink sink);
  /// Where wait() has not ended well, the stage stays unfinished; Team::stop() tells the others.
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  /// A result of rank 0's own.
  void add(std::uint64_t item, std::string_view result);

  /// Waits until every item is done and the roll complete. Throws what the sink has thrown; the error of a
  /// rank, with the rank's name; Error(kRanks) where a rank is lost and OnLostRank::kStop;
  /// Error(kInterrupted).
  void wait();
  /// Stops the run of all and takes what the others still deliver, until they are gone or the time-out.
  void stop(const std::string& reason) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  void fail(const std::string& reason);
  void take_arrivals();
  bool is_done() const;  // with mutex_ held
  void finish_when_done();
  void take(const Message& message);
  void deliver(int rank, std::uint64_t item, std::string_view result);
  void watch();
  void look_for_hanging_ranks(Clock::time_point now);
  void lose(int rank, const std::string& why, bool hangs);
  void come_back(int rank);
  void warn(std::string warning);
  void give_out_again();
  std::size_t pass_settled_places();
  std::optional<std::size_t> owner_of(std::size_t place);
  std::uint64_t item_at(std::size_t place) const;
  bool is_settled(std::size_t place) const;
  bool all_gone() const;

  Team& team_;
  Roll& roll_;
  std::string stage_;
  std::vector<std::uint64_t> items_, again_;  // by place
  std::size_t first_open_place_ = 0;          // those before it are settled
  std::set<std::size_t> given_again_;         // places whose item has another place by now
  std::map<std::size_t, Clock::time_point> without_owner_;
  std::map<std::size_t, Clock::time_point> owned_since_;  // open places, when they were first looked at
  Sink sink_;
  std::unique_ptr<Store> store_;  // of the collecting thread
  Clock::time_point watched_at_, looked_at_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::uint64_t> open_;                         // guarded by mutex_: items without a result
  std::vector<Clock::time_point> delivered_at_;          // guarded by mutex_, by rank
  std::exception_ptr error_;                             // guarded by mutex_
  bool finished_ = false, end_ = false, ended_ = false;  // guarded by mutex_
  std::thread collecting_;
};

}  // namespace bteval::distributed
