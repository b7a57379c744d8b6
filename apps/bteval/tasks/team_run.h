// A run on several processes: who leads, what must be equal everywhere, and how it ends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "distributed/coordinator.h"
#include "distributed/team.h"
#include "distributed/work_queue.h"
#include "engine/unit_source.h"
#include "records/run_manifest.h"
#include "tasks/eval_options.h"

namespace bteval::app {

/// The processes that one launcher has started for this command. Rank 0 leads: it opens the run directory,
/// writes and prints; the others compute and tell it their results.
struct TeamRun {
  distributed::Team team;
  distributed::Roll roll;  ///< rank 0's record of the others

  TeamRun(const distributed::World& world, const distributed::TeamOptions& options)
      : team(world, options), roll(world.size) {}

  /// Rank 0 says whether there is work for this run (a suite has several), the others hear it.
  void announce(const std::string& run, bool goes_on);
  bool hear_whether(const std::string& run);
  /// Rank 0 tells what decides the bits of results; the others compare, and agree or throw Error(kUsage)
  /// naming what differs. The run does not finish before each has.
  void tell_header(const std::string& run, const OrderedJson& header);
  void require_same(const std::string& run, const OrderedJson& header);
  /// Error(kRanks) where rank 0 has ended the run before it was finished.
  void require_not_stopped();
  /// Adds {"ranks", "parts_by_rank", "lost_ranks", "rank_events"} to the manifest's timing, where alone equal
  /// runs may differ.
  void describe(records::RunManifest& manifest) const;
};

/// What tells one run of a suite from the others: its name, else its task.
std::string run_name(const EvalOptions& options);

/// Whether a launcher has started this process together with others.
bool is_one_of_many();

/// Runs `body`, which is given the team in its options where a launcher has started several processes: every
/// process of them must come here. An error of one reaches all. Where the device was left open, each process
/// takes the GPU of its number on this machine, and its share of the processor's cores.
void run_in_team(EvalOptions& options, const std::function<void(const EvalOptions&)>& body);

/// Hands a stage's items to a runner as units.
class QueuedUnits : public engine::UnitSource {
 public:
  QueuedUnits(distributed::Team& team, const std::string& stage) : queue_(team, stage) {}
  std::optional<std::uint64_t> next() override { return queue_.next(); }
  void close() noexcept override { queue_.close(); }
  void send(std::uint64_t item, std::string_view result) { queue_.send(item, result); }

 private:
  distributed::WorkQueue queue_;
};

/// Rank 0's part of a stage: shares `items` out, takes part by `compute`, and waits for all. `sink` is called
/// once an item, by one thread at a time. Where anything fails, the others are stopped, and what they still
/// deliver is taken, before the error goes on.
void lead_stage(
    TeamRun& team, const std::string& stage, std::vector<std::uint64_t> items,
    const distributed::Coordinator::Sink& sink,
    const std::function<void(engine::UnitSource& units, distributed::Coordinator& coordinator)>& compute);

}  // namespace bteval::app
