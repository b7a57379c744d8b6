// Starting several processes of a program on this machine as clusters do it.
#pragma once

#include <string>
#include <vector>

namespace bteval::testing {

/// A command line that starts the processes, or why there is none.
struct Launch {
  std::vector<std::string> argv;
  std::string missing;  ///< the reason to skip; empty where `argv` can be run
};

/// The command line that starts `processes` of `command` with "torchrun", "mpirun" (of Open MPI) or "srun".
/// For srun it brings a Slurm cluster up first, and takes it down again (tests/support/slurm/with_slurm.py).
/// `options` are the launcher's.
Launch launch(const std::string& launcher, int processes, const std::vector<std::string>& command,
              const std::vector<std::string>& options = {});

}  // namespace bteval::testing
