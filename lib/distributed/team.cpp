#include "distributed/team.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "distributed/protocol.h"

namespace bteval::distributed {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

Team::Team(World world, const TeamOptions& options) : world_(std::move(world)), options_(options) {
  if (leads() && !world_.store_elsewhere) server_ = serve_store(world_);
  connect_ = [this] { return connect_store(world_, options_.rank_timeout); };
  begin();
}

Team::Team(World world, const TeamOptions& options, Connect connect)
    : world_(std::move(world)), options_(options), connect_(std::move(connect)) {
  begin();
}

void Team::begin() {
  store_ = connect_();
  store_->set(host_key(world_.rank), host_name());
  beating_ = std::thread([this] { beat(); });
}

Team::~Team() {
  if (!parted_) part(Message{MessageKind::kLeft, world_.rank, "", 0, 0, ""});
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ending_.notify_all();
  beating_.join();
}

bool Team::is_ending(milliseconds wait) {
  std::unique_lock lock(mutex_);
  return ending_.wait_for(lock, wait, [this] { return end_; });
}

/// The beating thread.
void Team::beat() {
  try {
    return beat_until_lost();
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    lost_ = error.what();
  }
  if (!leads() && options_.abandon && !is_ending(options_.rank_timeout)) options_.abandon(lost_);
}

/// Beats, and watches rank 0, until the team ends. Throws where rank 0 or the store is lost.
void Team::beat_until_lost() {
  const std::unique_ptr<Store> store = connect_();
  const milliseconds pause = std::min<milliseconds>(std::chrono::seconds(1), options_.rank_timeout / 5);
  std::int64_t seen = 0;
  auto seen_at = Clock::now();
  do {
    store->add(beat_key(world_.rank), 1);
    if (leads()) continue;
    const std::int64_t now = store->add(beat_key(0), 0);
    if (now != seen) {
      seen = now;
      seen_at = Clock::now();
    } else if (Clock::now() - seen_at > options_.rank_timeout) {
      throw Error(ErrorCode::kRanks,
                  fmt::format("{} is lost: no sign of life for {:.1f} s", name_of(*store, 0),
                              std::chrono::duration<double>(options_.rank_timeout).count()));
    }
  } while (!is_ending(pause));
}

void Team::check() const {
  const std::lock_guard lock(mutex_);
  if (!lost_.empty()) throw Error(ErrorCode::kRanks, lost_);
}

std::string Team::name_of(Store& store, int rank) const {
  const std::optional<std::string> host = store.get(host_key(rank));
  return fmt::format("rank {} of {}{}", rank, world_.size,
                     host ? fmt::format(" (on {})", printable(*host, 80)) : "");
}

void Team::tell(const std::string& name, std::string_view text) { store_->set(told_key(name), text); }

void Team::forget(const std::string& name) { store_->remove(told_key(name)); }

std::string Team::hear(const std::string& name) {
  for (milliseconds pause(2);; pause = std::min(pause * 2, milliseconds(200))) {
    if (std::optional<std::string> text = store_->get(told_key(name))) return std::move(*text);
    if (const auto reason = stopped(*store_))
      throw Error(ErrorCode::kRanks, "rank 0 has ended the run: " + *reason);
    throw_if_interrupted();
    check();
    std::this_thread::sleep_for(pause);
  }
}

void Team::stop(const std::string& reason) { store_->set(kStopKey, reason); }

void Team::stop_quietly(const std::string& reason) noexcept {
  try {
    stop(reason);
  } catch (const std::exception&) {
    // Nobody can be told.
  }
}

std::optional<std::string> Team::stopped(Store& store) { return store.get(kStopKey); }

std::vector<int> Team::linger(std::vector<int> ranks, milliseconds most) noexcept {
  const auto expected = static_cast<std::int64_t>(ranks.size());
  const auto has_left = [this](int rank) { return store_->get(parted_key(rank)).has_value(); };
  // The counter saves asking for each of many; it also counts ranks that nobody waits for.
  const auto all_have = [&] {
    return store_->add(kPartedKey, 0) >= expected && std::all_of(ranks.begin(), ranks.end(), has_left);
  };
  try {
    const auto until = Clock::now() + most;
    while (!all_have() && Clock::now() < until) std::this_thread::sleep_for(milliseconds(10));
    std::erase_if(ranks, has_left);
  } catch (const std::exception&) {
    ranks.clear();  // without the store there is nobody to wait for
  }
  return ranks;
}

void Team::report(const std::exception& error) noexcept {
  const auto* known = dynamic_cast<const Error*>(&error);
  const ErrorCode code = known != nullptr ? known->code() : ErrorCode::kInternal;
  if (code == ErrorCode::kInterrupted) return;  // it just leaves
  part(Message{MessageKind::kError, world_.rank, "", 0, static_cast<std::int32_t>(code), error.what()});
}

void Team::agree(const std::string& run) {
  send(*store_, Message{MessageKind::kAgreed, world_.rank, run, 0, 0, ""});
}

void Team::send(Store& store, const Message& message) {
  store.set(arrival_key(store.add(kArrivalsKey, 1) - 1), pack(message));
}

/// Rank 0 has nobody to tell.
void Team::part(const Message& message) noexcept {
  parted_ = true;
  if (leads()) return;
  try {
    check();  // where the store is lost, another call would wait for the time-out once more
    send(*store_, message);
    store_->set(parted_key(world_.rank), "1");
    store_->add(kPartedKey, 1);
  } catch (const std::exception&) {
    // Rank 0 finds out by the time-out.
  }
}

}  // namespace bteval::distributed
