// Who this process is among those that one launcher started.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace bteval::distributed {

/// One process's place among all, and where they meet.
struct World {
  int rank = 0;            ///< of this process, 0 <= rank < size; rank 0 writes the files
  int size = 1;            ///< processes on all machines
  int local_rank = 0;      ///< of this process among those of its machine
  int local_size = 1;      ///< processes on this machine
  std::string address;     ///< host of the store: that of rank 0, or of the launcher; empty where size is 1
  std::uint16_t port = 0;  ///< of the store; 0 where size is 1
  bool store_elsewhere =
      false;             ///< the launcher holds the store already; rank 0 is its client like the others
  std::string run_id;    ///< equal in all ranks of one start, another one after a restart by the launcher
  std::string launcher;  ///< for messages: "torchrun", "Slurm", "Open MPI", "MPI", or "RANK and WORLD_SIZE"
};

/// Looks a variable up as std::getenv does.
using Environment = std::function<const char*(const char* name)>;

/// Finds out from the variables of the launcher, in this order:
///  1. RANK and WORLD_SIZE: torchrun, `bteval eval --devices`, or set by hand. Where torchrun runs inside
///  srun or mpirun, it
///     is torchrun that started this process.
///  2. OMPI_COMM_WORLD_*: mpirun of Open MPI, also inside a Slurm job.
///  3. PMI_RANK, PMI_SIZE with MPI_LOCALRANKID: mpiexec of MPICH or Intel MPI (Hydra).
///  4. SLURM_PROCID in a step that srun began. A batch script's own variables look alike (SLURM_NTASKS is
///  that of the whole
///     job), but describe one lone process: no step, no world.
/// MASTER_ADDR and MASTER_PORT, where set, say where to meet. Without them it is this machine if all
/// processes are on it, else the first host of the Slurm step or job; and a port between 15000 and 29999 that
/// follows from the job's id, so that two jobs on one host seldom meet.
///
/// Nothing where no launcher has set its variables. A world of one process is returned, too (it needs no
/// store). Throws Error(kUsage) that names the variable: one that is missing, no number, or contradicts
/// another.
std::optional<World> world_from_environment(const Environment& get);

}  // namespace bteval::distributed
