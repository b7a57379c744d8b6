#include "tasks/team_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/interrupt.h"
#include "engine/device.h"
#include "tasks/run_directory.h"
#include "tasks/shard.h"

namespace bteval::app {
namespace {

constexpr std::chrono::seconds kLinger(5);  // for the others to hear the last word

/// What the process was started with leaves open.
void take_share(const distributed::World& world, engine::EngineOptions& engine) {
  engine.processes_on_host = world.local_size;
  engine.prefetch_units =
      1;  // what this rank has taken, no other one can do: the end of the run would be long
  if (engine.device != "auto" && engine.device != "cuda") return;
  const int gpus = engine::cuda_device_count();
  if (gpus > 1) engine.device = fmt::format("cuda:{}", world.local_rank % gpus);
}

std::vector<int> others_alive(const TeamRun& team) {
  std::vector<int> alive;
  for (int rank = 1; rank < team.team.world().size; ++rank)
    if (!team.roll.ranks[static_cast<std::size_t>(rank)].lost) alive.push_back(rank);
  return alive;
}

/// Ends this process, whose work hangs. The results are rank 0's, and it has written nothing.
[[noreturn]] void end_at_once(const std::string& reason) {
  fmt::print(stderr, "bteval: {}\n", reason);
  std::fflush(stderr);
  std::_Exit(exit_status(ErrorCode::kRanks));
}

std::optional<distributed::World> this_world() {
  return distributed::world_from_environment([](const char* name) { return std::getenv(name); });
}

}  // namespace

void TeamRun::announce(const std::string& run, bool goes_on) {
  team.tell(run + "/course", goes_on ? "compute" : "finished");
}

bool TeamRun::hear_whether(const std::string& run) { return team.hear(run + "/course") == "compute"; }

void TeamRun::tell_header(const std::string& run, const OrderedJson& header) {
  roll.expect_agreement(run);
  team.tell(run + "/header", header.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

void TeamRun::require_same(const std::string& run, const OrderedJson& header) {
  const Json rank0 = parse_json(team.hear(run + "/header"), "rank 0's options");
  const Json own =
      parse_json(header.dump(-1, ' ', false, OrderedJson::error_handler_t::replace), "own options");
  if (own == rank0) return team.agree(run);
  throw Error(ErrorCode::kUsage, fmt::format("would compute something else than rank 0: {}",
                                             describe_differences(rank0, own, "is", "here it is")));
}

void TeamRun::require_not_stopped() {
  throw_if_interrupted();
  if (const auto reason = distributed::Team::stopped(team.store()))
    throw Error(ErrorCode::kRanks, "rank 0 has ended the run: " + printable(*reason, 1000));
}

std::string run_name(const EvalOptions& options) {
  return options.name.empty() ? options.task : options.name;
}

void TeamRun::describe(records::RunManifest& manifest) const {
  OrderedJson parts = OrderedJson::array(), lost = OrderedJson::array();
  for (std::size_t r = 0; r < roll.ranks.size(); ++r) {
    parts.push_back(roll.ranks[r].items);
    if (roll.ranks[r].lost) lost.push_back(r);
  }
  manifest.timing.update(OrderedJson{{"ranks", roll.ranks.size()},
                                     {"parts_by_rank", parts},
                                     {"lost_ranks", lost},
                                     {"rank_events", roll.warnings}});
}

bool is_one_of_many() {
  const auto world = this_world();
  return world && world->size > 1;
}

void run_in_team(EvalOptions& options, const std::function<void(const EvalOptions&)>& body) {
  const auto world = this_world();
  if (!world || world->size == 1 || options.dry_run) {
    check_shard_options(options);
    return body(options);
  }
  take_share(*world, options.engine);
  distributed::TeamOptions team_options = options.team_options;
  team_options.abandon = end_at_once;
  TeamRun team(*world, team_options);
  options.team = &team;
  check_shard_options(options);
  try {
    body(options);
  } catch (const std::exception& error) {
    if (team.team.leads()) {
      team.team.stop_quietly(error.what());
      team.team.linger(others_alive(team), kLinger);
    } else {
      team.team.report(error);
    }
    throw;
  }
  if (!team.team.leads()) return;
  for (const int rank : team.team.linger(others_alive(team), kLinger)) {
    fmt::print(stderr,
               "bteval: warning: {} has not ended within {} s after the last result; none is missing\n",
               team.team.name_of(team.team.store(), rank), kLinger.count());
  }
}

void lead_stage(TeamRun& team, const std::string& stage, std::vector<std::uint64_t> items,
                const distributed::Coordinator::Sink& sink,
                const std::function<void(engine::UnitSource&, distributed::Coordinator&)>& compute) {
  distributed::Coordinator coordinator(team.team, team.roll, stage, std::move(items), sink);
  try {
    QueuedUnits units(team.team, stage);
    compute(units, coordinator);
    coordinator.wait();
  } catch (const std::exception& error) {
    coordinator.stop(error.what());
    throw;
  }
}

}  // namespace bteval::app
