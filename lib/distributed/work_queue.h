// How a rank gets items of work, one by one, and hands in their results.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "distributed/team.h"

namespace bteval::distributed {

/// One stage's items: numbers that rank 0 has told (Coordinator). Each rank takes the next place of a shared
/// counter, so slow ranks take fewer; nobody pads or repeats. An item comes twice only where rank 0 gives it
/// out again because its rank is lost.
///
/// next() and send() have connections of their own and may be called from two threads at once; each of them
/// by one thread at a time. Both throw Error(kRanks) where rank 0 or the store is lost.
class WorkQueue {
 public:
  /// Waits for rank 0 to tell the items. Keeps a reference to the team.
  WorkQueue(Team& team, std::string stage);

  /// The next item; nothing when all are done, rank 0 has stopped the run, a signal has come or close() was
  /// called. Waits behind the last item, since one may come back.
  std::optional<std::uint64_t> next();
  /// next() gives nothing any more, and a call that waits returns soon.
  void close() noexcept;

  /// Hands an item's result to rank 0.
  void send(std::uint64_t item, std::string_view result);

 private:
  std::optional<std::uint64_t> item_at(std::int64_t place);
  bool is_over();

  Team& team_;
  std::string stage_;
  std::vector<std::uint64_t> items_;
  std::unique_ptr<Store> for_next_, for_results_;
  std::mutex mutex_;
  bool closed_ = false;  // guarded by mutex_
};

/// A list of items as text for Team::tell(), and back. Error(kData) where it is none.
std::string pack_items(const std::vector<std::uint64_t>& items);
std::vector<std::uint64_t> unpack_items(std::string_view text);

}  // namespace bteval::distributed
