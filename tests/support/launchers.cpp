#include "support/launchers.h"

#include <filesystem>
#include <stdexcept>

#include "support/run_command.h"
#include "support/test_paths.h"

namespace bteval::testing {
namespace {

/// The exit status and output of a short command; 127 where there is no such program.
CommandResult probe(const std::vector<std::string>& argv) {
  try {
    return run_command(argv);
  } catch (const std::runtime_error& error) {
    CommandResult result;
    result.exit_status = 127;
    result.err = error.what();
    return result;
  }
}

Launch torchrun(const std::string& processes) {
  const std::filesystem::path program = BTEVAL_TORCHRUN;
  if (!std::filesystem::exists(program)) return {{}, "no torchrun beside LibTorch or in PATH"};
  Launch result{{program, "--standalone", "--no-python", "--nproc-per-node", processes}, ""};
  // Where its store may not understand this LibTorch's client, rank 0 has to hold one.
  if (BTEVAL_TORCHRUN_FITS == 0)
    result.argv.insert(result.argv.begin(), {"env", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1"});
  return result;
}

Launch mpirun(const std::string& processes) {
  if (probe({"mpirun", "--version"}).out.find("Open MPI") == std::string::npos)
    return {{}, "no mpirun of Open MPI in PATH (Debian: openmpi-bin)"};
  // More processes than cores, and none tied to one: the default would tie two processes, but not three.
  return {{"env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "mpirun", "--oversubscribe",
           "--bind-to", "none", "-n", processes},
          ""};
}

Launch srun(const std::string& processes) {
  const std::string with_slurm = source_dir() / "tests/support/slurm/with_slurm.py";
  const CommandResult check = probe({"python3", with_slurm, "--check"});
  if (check.exit_status != 0) return {{}, check.err};
  return {{"python3", with_slurm, "srun", "-n", processes}, ""};
}

Launch prefix_of(const std::string& launcher, const std::string& processes) {
  if (launcher == "torchrun") return torchrun(processes);
  if (launcher == "mpirun") return mpirun(processes);
  if (launcher == "srun") return srun(processes);
  throw std::invalid_argument("no such launcher: " + launcher);
}

}  // namespace

Launch launch(const std::string& launcher, int processes, const std::vector<std::string>& command,
              const std::vector<std::string>& options) {
  Launch result = prefix_of(launcher, std::to_string(processes));
  if (!result.missing.empty()) return result;
  result.argv.insert(result.argv.end(), options.begin(), options.end());
  result.argv.insert(result.argv.end(), command.begin(), command.end());
  return result;
}

}  // namespace bteval::testing
