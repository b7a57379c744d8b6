#include "distributed/world.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string_view>

#include "core/error.h"
#include "distributed/slurm_lists.h"

namespace bteval::distributed {
namespace {

constexpr int kMaxNumber = std::numeric_limits<int>::max();
constexpr const char* kThisMachine = "127.0.0.1";

/// Typed access to the variables; the errors name them.
class Variables {
 public:
  explicit Variables(const Environment& get) : get_(get) {}

  /// Nothing where it is not set or empty.
  std::optional<std::string> text(const char* name) const {
    const char* value = get_(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  }
  bool has(const char* name) const { return text(name).has_value(); }

  std::optional<int> number(const char* name, int least = 0, int most = kMaxNumber) const {
    const auto value = text(name);
    if (!value) return std::nullopt;
    int number = 0;
    const char* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, number);
    if (error != std::errc() || stop != end)
      throw Error(ErrorCode::kUsage, fmt::format("{}={} is not a number", name, printable(*value)));
    if (number < least || number > most)
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}={} is not between {} and {}", name, number, least, most));
    return number;
  }

  int required(const char* name, const char* because, int least = 0) const {
    if (const auto value = number(name, least)) return *value;
    throw Error(ErrorCode::kUsage, fmt::format("{} is set, but {} is not", because, name));
  }

 private:
  const Environment& get_;
};

/// A rank and a size by the names of their variables.
struct Place {
  int rank, size;
};

Place place(const Variables& variables, const char* rank_name, const char* size_name) {
  const int rank = variables.required(rank_name, size_name);
  const int size = variables.required(size_name, rank_name, 1);
  if (rank >= size)
    throw Error(ErrorCode::kUsage, fmt::format("{}={} is not below {}={}", rank_name, rank, size_name, size));
  return {rank, size};
}

void set_ranks(World& world, const Variables& variables, const char* rank_name, const char* size_name) {
  const Place found = place(variables, rank_name, size_name);
  world.rank = found.rank;
  world.size = found.size;
}

/// Sets the place on this machine where the launcher tells it.
void set_local_ranks(World& world, const Variables& variables, const char* rank_name, const char* size_name) {
  if (!variables.has(rank_name) && !variables.has(size_name)) return;
  const Place local = place(variables, rank_name, size_name);
  if (local.size > world.size)
    throw Error(ErrorCode::kUsage,
                fmt::format("{}={} is more than all {} processes", size_name, local.size, world.size));
  world.local_rank = local.rank;
  world.local_size = local.size;
}

/// A port that follows from `id`, below those that Linux gives to outgoing connections (from 32768 on).
/// FNV-1a, because every rank has to find the same one, whatever its standard library.
std::uint16_t port_of(std::string_view id) {
  constexpr std::uint32_t kFirst = 15000, kCount = 15000;
  std::uint32_t hash = 2166136261U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<std::uint16_t>(kFirst + hash % kCount);
}

/// The first host of the job's or step's nodes, where Slurm puts rank 0.
std::optional<std::string> slurm_host(const Variables& variables) {
  for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"}) {
    const auto nodes = variables.text(name);
    if (!nodes) continue;
    if (const auto host = first_host(*nodes)) return host;
    throw Error(ErrorCode::kUsage, fmt::format("{}={} is not a list of hosts", name, printable(*nodes)));
  }
  return std::nullopt;
}

/// MASTER_ADDR and MASTER_PORT; what is missing follows from the job.
void set_meeting_place(World& world, const Variables& variables, std::optional<std::string> host) {
  const auto port = variables.number("MASTER_PORT", 1, 65535);
  if (world.size == 1) return;
  if (const auto address = variables.text("MASTER_ADDR")) {
    world.address = *address;
  } else if (world.local_size == world.size) {
    world.address = kThisMachine;
  } else if (host) {
    world.address = *host;
  } else {
    throw Error(ErrorCode::kUsage,
                fmt::format("{} does not say on which host rank 0 is: set MASTER_ADDR to its name or address"
                            " for all processes",
                            world.launcher));
  }
  world.port = port ? static_cast<std::uint16_t>(*port) : port_of(world.run_id);
}

/// Refuses RANK and WORLD_SIZE that a batch script has exported once for all tasks of its srun.
void check_against_slurm(const World& world, const Variables& variables) {
  if (variables.has("LOCAL_RANK") || !variables.has("SLURM_STEP_ID"))
    return;  // somebody who numbers its own processes
  const auto tasks = variables.number("SLURM_STEP_NUM_TASKS"), task = variables.number("SLURM_PROCID");
  if (tasks == world.size && task && task != world.rank)
    throw Error(
        ErrorCode::kUsage,
        fmt::format("RANK={} contradicts SLURM_PROCID={}: do not set RANK under srun", world.rank, *task));
}

World from_rank_and_world_size(const Variables& variables) {
  World world;
  const bool elastic = variables.has("TORCHELASTIC_RUN_ID");
  world.launcher = elastic ? "torchrun" : "RANK and WORLD_SIZE";
  set_ranks(world, variables, "RANK", "WORLD_SIZE");
  check_against_slurm(world, variables);
  const auto address = variables.text("MASTER_ADDR");
  if (world.size > 1) {
    for (const char* name : {"MASTER_ADDR", "MASTER_PORT"})
      if (!variables.has(name))
        throw Error(ErrorCode::kUsage, fmt::format("WORLD_SIZE is set, but {} is not", name));
  }
  if (address == "localhost" || address == kThisMachine) {  // so that is where all of them are
    world.local_rank = world.rank;
    world.local_size = world.size;
  }
  set_local_ranks(world, variables, "LOCAL_RANK", "LOCAL_WORLD_SIZE");
  const std::string restart = variables.text("TORCHELASTIC_RESTART_COUNT").value_or("0");
  world.run_id = fmt::format("{}.{}", variables.text("TORCHELASTIC_RUN_ID").value_or("ranks"), restart);
  world.store_elsewhere = world.size > 1 && variables.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
  set_meeting_place(world, variables, std::nullopt);
  return world;
}

World from_open_mpi(const Variables& variables) {
  World world;
  world.launcher = "Open MPI";
  set_ranks(world, variables, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE");
  set_local_ranks(world, variables, "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE");
  world.run_id = "mpi";
  for (const char* name : {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"})  // versions 4 and 5; 3 and older
    if (const auto id = variables.text(name)) {
      world.run_id = "mpi." + *id;
      break;
    }
  set_meeting_place(world, variables, slurm_host(variables));
  return world;
}

World from_hydra(const Variables& variables) {
  World world;
  world.launcher = "MPI";
  set_ranks(world, variables, "PMI_RANK", "PMI_SIZE");
  set_local_ranks(world, variables, "MPI_LOCALRANKID", "MPI_LOCALNRANKS");
  // MPICH's processes get no id of their job.
  world.run_id =
      "mpi." + variables.text("I_MPI_HYDRA_UUID").value_or(variables.text("SLURM_JOB_ID").value_or("0"));
  set_meeting_place(world, variables, slurm_host(variables));
  return world;
}

/// Whether srun started this process. A batch script has the variables of its job only; Slurm numbers its
/// step, where it does, from 4294967290 on.
bool in_slurm_step(const Variables& variables) {
  const auto step = variables.text("SLURM_STEP_ID");
  return step && step->size() < 10 && variables.has("SLURM_STEP_NUM_TASKS") && variables.has("SLURM_PROCID");
}

World from_slurm(const Variables& variables) {
  World world;
  world.launcher = "Slurm";
  set_ranks(world, variables, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS");
  const int node = variables.number("SLURM_NODEID").value_or(0);
  if (const auto tasks = variables.text("SLURM_STEP_TASKS_PER_NODE")) {
    const auto here = tasks_of_node(*tasks, static_cast<std::size_t>(node));
    if (!here)
      throw Error(ErrorCode::kUsage,
                  fmt::format("SLURM_STEP_TASKS_PER_NODE={} has no node {}", printable(*tasks), node));
    world.local_size = *here;
  }
  world.local_rank = variables.number("SLURM_LOCALID").value_or(0);
  if (world.local_rank >= world.local_size || world.local_size > world.size)
    throw Error(ErrorCode::kUsage,
                fmt::format("SLURM_LOCALID={} and SLURM_STEP_TASKS_PER_NODE={} contradict each other or"
                            " SLURM_STEP_NUM_TASKS={}",
                            world.local_rank, world.local_size, world.size));
  // A job that Slurm has put back into the queue keeps its id.
  world.run_id =
      fmt::format("slurm.{}.{}.{}", variables.text("SLURM_JOB_ID").value_or("0"),
                  *variables.text("SLURM_STEP_ID"), variables.text("SLURM_RESTART_COUNT").value_or("0"));
  set_meeting_place(world, variables, slurm_host(variables));
  return world;
}

/// WORLD_SIZE that a script has exported beside a launcher's own variables has to be true.
void check_world_size(const World& world, const Variables& variables) {
  const auto size = variables.number("WORLD_SIZE", 1);
  if (size && *size != world.size)
    throw Error(ErrorCode::kUsage, fmt::format("WORLD_SIZE={} contradicts {}, which started {} processes",
                                               *size, world.launcher, world.size));
}

}  // namespace

std::optional<World> world_from_environment(const Environment& get) {
  const Variables variables(get);
  if (variables.has("RANK") && variables.has("WORLD_SIZE")) return from_rank_and_world_size(variables);
  std::optional<World> world;
  if (variables.has("OMPI_COMM_WORLD_RANK") || variables.has("OMPI_COMM_WORLD_SIZE")) {
    world = from_open_mpi(variables);
  } else if (variables.has("PMI_RANK") && variables.has("MPI_LOCALRANKID")) {
    world = from_hydra(variables);
  } else if (in_slurm_step(variables)) {
    world = from_slurm(variables);
  }
  if (world) {
    check_world_size(*world, variables);
    return world;
  }
  // One of the two alone, where nobody else tells the other: refused, for N processes that believe to be
  // alone would each do all of the work and write the same files. WORLD_SIZE=1 does no harm.
  if (variables.has("RANK") || variables.number("WORLD_SIZE", 1).value_or(1) > 1)
    place(variables, "RANK", "WORLD_SIZE");
  return std::nullopt;
}

}  // namespace bteval::distributed
