// The processes of one run: they meet, agree on what they compute, and notice when one of them is gone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "distributed/c10d_store.h"
#include "distributed/protocol.h"
#include "distributed/store.h"
#include "distributed/team_options.h"
#include "distributed/world.h"

namespace bteval::distributed {

/// One rank's membership. Beats for as long as it lives: a counter in the store that stands still for the
/// time-out means that the rank is lost. Everybody watches rank 0 this way; rank 0 watches all (Coordinator).
///
/// Errors are Error(kRanks): another rank, or the way to it, is gone.
class Team {
 public:
  /// Meets the others at world.address; rank 0 opens the store there unless the launcher has.
  Team(World world, const TeamOptions& options);
  /// With connections of the caller's: for tests.
  Team(World world, const TeamOptions& options, Connect connect);
  /// Tells rank 0 that this rank leaves. Never throws.
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  const World& world() const { return world_; }
  const TeamOptions& options() const { return options_; }
  bool leads() const { return world_.rank == 0; }
  /// "rank 3 of 8 (on gpu07)", as far as it is known.
  std::string name_of(Store& store, int rank) const;

  /// The connection of the main thread.
  Store& store() { return *store_; }
  std::unique_ptr<Store> connect() const { return connect_(); }

  /// Rank 0 tells `text` to all; the others get what rank 0 has told under this name, when it has.
  void tell(const std::string& name, std::string_view text);
  std::string hear(const std::string& name);
  void forget(const std::string& name);

  /// Rank 0 stops the work of all; `reason` is for people.
  void stop(const std::string& reason);
  /// The same; where the store is lost, the others find out by themselves.
  void stop_quietly(const std::string& reason) noexcept;
  /// Why rank 0 has stopped the work, if it has. With `store` of the calling thread.
  static std::optional<std::string> stopped(Store& store);

  /// Rank 0 keeps the store until `ranks` have left, for at most so long. Returns those that have not. Never
  /// throws.
  std::vector<int> linger(std::vector<int> ranks, std::chrono::milliseconds most) noexcept;

  /// Tells rank 0 that this rank is about to compute the same `run`.
  void agree(const std::string& run);
  /// Puts a message to rank 0 behind those that are there.
  static void send(Store& store, const Message& message);
  /// Tells rank 0 of the error that ends this rank, instead of leaving. Never throws.
  void report(const std::exception& error) noexcept;

  /// Throws what the beating thread has met: rank 0, or the store, is lost.
  void check() const;

 private:
  void begin();
  void beat();
  void beat_until_lost();
  bool is_ending(std::chrono::milliseconds wait);
  void part(const Message& message) noexcept;

  World world_;
  TeamOptions options_;
  std::unique_ptr<StoreServer> server_;
  Connect connect_;
  std::unique_ptr<Store> store_;
  mutable std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;  // guarded by mutex_
  std::string lost_;  // guarded by mutex_: why the beating ended
  bool parted_ = false;
  std::thread beating_;
};

}  // namespace bteval::distributed
