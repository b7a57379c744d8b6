#include "distributed/work_queue.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

#include "core/interrupt.h"
#include "core/packing.h"
#include "distributed/protocol.h"

namespace bteval::distributed {

std::string pack_items(const std::vector<std::uint64_t>& items) {
  Packer packer;
  packer.put(std::span<const std::uint64_t>(items));
  return packer.bytes();
}

std::vector<std::uint64_t> unpack_items(std::string_view text) {
  Unpacker unpacker(text);
  std::vector<std::uint64_t> items = unpacker.get_vector<std::uint64_t>();
  unpacker.finish();
  return items;
}

WorkQueue::WorkQueue(Team& team, std::string stage)
    : team_(team),
      stage_(std::move(stage)),
      items_(unpack_items(team.hear(stage_))),
      for_next_(team.connect()),
      for_results_(team.connect()) {}

/// Whether there is nothing more to take, whatever place this rank has.
bool WorkQueue::is_over() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return true;
  }
  if (interrupted()) return true;
  team_.check();
  return for_next_->get(finished_key(stage_)) || Team::stopped(*for_next_);
}

/// The item of a place; nothing where there is none yet.
std::optional<std::uint64_t> WorkQueue::item_at(std::int64_t place) {
  const auto index = static_cast<std::uint64_t>(place);
  if (index < items_.size()) return items_[index];
  const auto again = for_next_->get(again_key(stage_, index - items_.size()));
  if (!again) return std::nullopt;
  return unpack_items(*again).at(0);
}

std::optional<std::uint64_t> WorkQueue::next() {
  using std::chrono::milliseconds;
  if (is_over()) return std::nullopt;
  const std::int64_t place = for_next_->add(next_key(stage_), 1) - 1;
  for_next_->set(owner_key(stage_, place), std::to_string(team_.world().rank));
  // Many ranks that wait must not keep the store from serving the last ones that work.
  const milliseconds most(std::clamp(team_.world().size, 20, 500));
  for (milliseconds pause(1);; pause = std::min(pause * 2, most)) {
    if (const auto item = item_at(place)) return item;
    if (is_over()) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

void WorkQueue::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void WorkQueue::send(std::uint64_t item, std::string_view result) {
  team_.check();
  Team::send(*for_results_,
             Message{MessageKind::kResult, team_.world().rank, stage_, item, 0, std::string(result)});
}

}  // namespace bteval::distributed
