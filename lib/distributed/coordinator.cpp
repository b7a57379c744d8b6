#include "distributed/coordinator.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "distributed/protocol.h"
#include "distributed/work_queue.h"

namespace bteval::distributed {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortestPause(1), kLongestPause(20);

double seconds_of(milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Roll::Roll(int size) : ranks(static_cast<std::size_t>(size)) {
  for (Rank& rank : ranks) rank.beaten_at = std::chrono::steady_clock::now();
}

void Roll::expect_agreement(std::string of_run) {
  run = std::move(of_run);
  for (auto rank = ranks.begin() + 1; rank != ranks.end(); ++rank) rank->agreed = false;
}

bool Roll::is_complete() const {
  return std::all_of(ranks.begin() + 1, ranks.end(),
                     [](const Rank& rank) { return rank.agreed || rank.gone; });
}

Coordinator::Coordinator(Team& team, Roll& roll, std::string stage, std::vector<std::uint64_t> items,
                         Sink sink)
    : team_(team),
      roll_(roll),
      stage_(std::move(stage)),
      items_(std::move(items)),
      sink_(std::move(sink)),
      store_(team.connect()),
      watched_at_(Clock::now()),
      looked_at_(watched_at_),
      open_(items_.begin(), items_.end()),
      delivered_at_(roll.ranks.size(), watched_at_) {
  team_.tell(stage_, pack_items(items_));
  collecting_ = std::thread([this] { work(); });
}

Coordinator::~Coordinator() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_all();
  collecting_.join();
}

void Coordinator::add(std::uint64_t item, std::string_view result) { deliver(0, item, result); }

/// A result that came before is dropped: it has the same bits.
void Coordinator::deliver(int rank, std::uint64_t item, std::string_view result) {
  const std::lock_guard lock(mutex_);
  delivered_at_[static_cast<std::size_t>(rank)] = Clock::now();
  if (open_.erase(item) == 0) return;
  sink_(item, result);
  roll_.ranks[static_cast<std::size_t>(rank)].items += 1;
  if (open_.empty()) changed_.notify_all();
}

bool Coordinator::is_done() const { return open_.empty() && roll_.is_complete(); }

/// Tells the ranks that wait for items, this one's queue among them, that none will come.
void Coordinator::finish_when_done() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_done() || finished_) return;
  }
  store_->set(finished_key(stage_), "1");
  const std::lock_guard lock(mutex_);
  finished_ = true;
}

void Coordinator::wait() {
  std::unique_lock lock(mutex_);
  // A signal notifies nobody.
  while (!changed_.wait_for(lock, milliseconds(50), [this] { return finished_ || error_ || ended_; }))
    throw_if_interrupted();
  if (error_) std::rethrow_exception(error_);
}

void Coordinator::stop(const std::string& reason) noexcept {
  try {
    team_.stop(reason);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, team_.options().rank_timeout, [this] { return ended_ || all_gone(); });
  } catch (const std::exception&) {
    // The store is lost: so is what the others would deliver; they find out by themselves.
  }
}

bool Coordinator::all_gone() const {
  return std::all_of(roll_.ranks.begin() + 1, roll_.ranks.end(),
                     [](const Roll::Rank& rank) { return rank.gone; });
}

/// The thread that collects. An error does not end it: when the run is stopped, others still deliver.
void Coordinator::work() {
  milliseconds pause = kShortestPause;
  while (true) {
    const std::int64_t before = roll_.next_arrival;
    try {
      take_arrivals();
      finish_when_done();
      watch();
    } catch (const std::exception& error) {
      fail(error.what());
    }
    changed_.notify_all();
    pause = roll_.next_arrival != before ? kShortestPause : std::min(pause * 2, kLongestPause);
    std::unique_lock lock(mutex_);
    if (ended_) return;
    changed_.wait_for(lock, pause, [this] { return end_ || (is_done() && !finished_); });
    if (end_) return;
  }
}

/// Ends the work of all, this rank's included: its queue gives nothing any more. Without the store, nothing
/// more can be collected.
void Coordinator::fail(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
  }
  try {
    store_->set(kStopKey, reason);
  } catch (const Error&) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
}

/// Numbers are given out before the message is there, and a rank may die in between.
void Coordinator::take_arrivals() {
  const std::int64_t count = store_->add(kArrivalsKey, 0);
  while (roll_.next_arrival < count) roll_.holes.insert(roll_.next_arrival++);
  for (auto hole = roll_.holes.begin(); hole != roll_.holes.end();) {
    const std::string key = arrival_key(*hole);
    const std::optional<std::string> bytes = store_->get(key);
    if (!bytes) {
      ++hole;
      continue;
    }
    hole = roll_.holes.erase(hole);
    store_->remove(key);
    take(unpack_message(*bytes));
  }
}

void Coordinator::take(const Message& message) {
  if (message.rank <= 0 || message.rank >= team_.world().size)
    throw Error(ErrorCode::kInternal, fmt::format("a message of rank {}", message.rank));
  if (message.kind == MessageKind::kResult) {
    if (roll_.ranks[static_cast<std::size_t>(message.rank)].hangs) come_back(message.rank);
    if (message.stage == stage_) deliver(message.rank, message.item, message.text);  // else it came too late
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    Roll::Rank& rank = roll_.ranks[static_cast<std::size_t>(message.rank)];
    if (message.kind == MessageKind::kAgreed) {
      rank.agreed = rank.agreed || message.stage == roll_.run;
      return;
    }
    rank.gone = true;
  }
  if (message.kind == MessageKind::kError) {
    throw Error(static_cast<ErrorCode>(message.code),
                fmt::format("{}: {}", team_.name_of(*store_, message.rank), printable(message.text, 2000)));
  }
}

/// Once in a while: reads the beats, and looks for places whose rank will not deliver.
void Coordinator::watch() {
  const auto now = Clock::now();
  if (now - watched_at_ < std::min<milliseconds>(std::chrono::seconds(1), team_.options().rank_timeout / 5))
    return;
  watched_at_ = now;
  for (int r = 1; r < team_.world().size; ++r) {
    Roll::Rank& rank = roll_.ranks[static_cast<std::size_t>(r)];
    if (rank.gone && !rank.lost) continue;
    const std::int64_t beats = store_->add(beat_key(r), 0);
    if (beats != rank.beats) {
      rank.beats = beats;
      rank.beaten_at = now;
      if (rank.lost && !rank.hangs) come_back(r);
    } else if (rank.lost) {
      continue;
    } else if (now - rank.beaten_at > team_.options().rank_timeout) {
      const double seconds = seconds_of(team_.options().rank_timeout);
      lose(r,
           rank.beats == 0 ? fmt::format("has not begun within {:.1f} s", seconds)
                           : fmt::format("is lost: no sign of life for {:.1f} s", seconds),
           false);
    }
  }
  look_for_hanging_ranks(now);
  give_out_again();
}

/// Seldom, since it asks the store for the owner of each open place.
void Coordinator::look_for_hanging_ranks(Clock::time_point now) {
  const milliseconds most = team_.options().unit_timeout;
  if (most.count() == 0 || now - looked_at_ < most / 4) return;
  looked_at_ = now;
  const std::size_t places = pass_settled_places();
  for (std::size_t place = first_open_place_; place < places; ++place) {
    const std::optional<std::size_t> rank = is_settled(place) ? std::nullopt : owner_of(place);
    if (!rank || roll_.ranks[*rank].gone) continue;
    auto since = owned_since_.emplace(place, now).first->second;
    {
      const std::lock_guard lock(mutex_);
      since = std::max(since, delivered_at_[*rank]);  // it has taken the next one before it finished this one
    }
    if (now - since > most)
      lose(static_cast<int>(*rank), fmt::format("has finished no unit for {:.1f} s", seconds_of(most)), true);
  }
}

/// The work of others is done by the rest. Rank 0's own cannot be, while it cannot end: that stops the run.
void Coordinator::lose(int r, const std::string& why, bool hangs) {
  Roll::Rank& rank = roll_.ranks[static_cast<std::size_t>(r)];
  const std::string what = team_.name_of(*store_, r) + " " + why;
  {
    const std::lock_guard lock(mutex_);
    rank.gone = rank.lost = true;
    rank.hangs = hangs;
  }
  if (team_.options().on_lost == OnLostRank::kStop || r == 0) throw Error(ErrorCode::kRanks, what);
  warn(what + "; the others do its work");
}

/// One that was stopped, hung or was cut off for a while. What it delivers are the same bits.
void Coordinator::come_back(int r) {
  Roll::Rank& rank = roll_.ranks[static_cast<std::size_t>(r)];
  {
    const std::lock_guard lock(mutex_);
    rank.gone = rank.lost = rank.hangs = false;
  }
  warn(team_.name_of(*store_, r) + " is back");
}

void Coordinator::warn(std::string warning) {
  fmt::print(stderr, "bteval: warning: {}\n", warning);
  roll_.warnings.push_back(std::move(warning));
}

std::uint64_t Coordinator::item_at(std::size_t place) const {
  return place < items_.size() ? items_[place] : again_[place - items_.size()];
}

/// Whether nothing more has to come of a place.
bool Coordinator::is_settled(std::size_t place) const {
  if (given_again_.contains(place)) return true;
  const std::lock_guard lock(mutex_);
  return !open_.contains(item_at(place));
}

/// The number of places with an item that some rank has taken; first_open_place_ is beyond what is settled.
std::size_t Coordinator::pass_settled_places() {
  const auto taken = static_cast<std::size_t>(store_->add(next_key(stage_), 0));
  const std::size_t places = std::min(taken, items_.size() + again_.size());
  while (first_open_place_ < places && is_settled(first_open_place_)) owned_since_.erase(first_open_place_++);
  return places;
}

/// The rank that took a place, where it has noted itself.
std::optional<std::size_t> Coordinator::owner_of(std::size_t place) {
  const auto owner = store_->get(owner_key(stage_, static_cast<std::int64_t>(place)));
  if (!owner) return std::nullopt;
  const std::size_t rank = std::strtoul(owner->c_str(), nullptr, 10);
  return rank < roll_.ranks.size() ? std::optional(rank) : std::nullopt;
}

/// Gives each item a new place whose rank is gone. A place whose rank has not noted itself after the time-out
/// belongs to one that died in between.
void Coordinator::give_out_again() {
  const std::size_t places = pass_settled_places();
  const bool any_gone =
      std::any_of(roll_.ranks.begin(), roll_.ranks.end(), [](const auto& rank) { return rank.gone; });
  if (!any_gone && places < items_.size())
    return;  // whatever is missing may wait until all else is given out
  for (std::size_t place = first_open_place_; place < places; ++place) {
    if (is_settled(place)) continue;
    if (const std::optional<std::size_t> rank = owner_of(place)) {
      if (!roll_.ranks[*rank].gone) continue;
    } else if (Clock::now() - without_owner_.emplace(place, Clock::now()).first->second <
               team_.options().rank_timeout) {
      continue;
    }
    const std::uint64_t item = item_at(place);
    given_again_.insert(place);
    store_->set(again_key(stage_, again_.size()), pack_items({item}));
    again_.push_back(item);
  }
}

}  // namespace bteval::distributed
