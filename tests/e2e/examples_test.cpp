// The job files of examples/, run as they are: each writes the files of one process alone.
#include <map>
#include <stdexcept>

#include "e2e/program.h"
#include "support/launchers.h"

namespace bteval {
namespace {

using testing::launch;
using testing::source_dir;

constexpr const char* kTask = "snli-ve";

class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    const CommandResult result = run_command(in_units(kTask, run));
    ASSERT_EQ(result.exit_status, 0) << result.err;
    alone = results();
    fs::remove_all(run);
  }
  /// The run's files, less those that tell the command line: the examples have another order of options.
  std::map<std::string, std::string> results() const {
    std::map<std::string, std::string> files = run_content(run);
    EXPECT_EQ(files.erase("manifest.json") + files.erase("report.md"), 2U);
    return files;
  }
  /// Runs a shell command in the folder of the examples, with their variables set to an entry of the mini
  /// suite.
  CommandResult run_example(const std::string& command, std::vector<std::string> more = {}) const {
    std::vector<std::string> argv = testing::mini_arguments(kTask, run);
    const auto take = [&](const char* option) {
      const auto found = std::find(argv.begin(), argv.end(), option);
      if (found == argv.end()) throw std::out_of_range(option);
      const std::string value = found[1];
      argv.erase(found, found + 2);
      return value;
    };
    const std::string data = take("--data"), model = take("--model");
    take("--out");
    std::string options;
    for (std::size_t i = 2; i < argv.size(); ++i) options += " " + argv[i];
    std::vector<std::string> all = {"env",
                                    std::string("BTEVAL=") + BTEVAL_BINARY,
                                    std::string("TASK=") + kTask,
                                    "DATA=" + data,
                                    "MODEL=" + model,
                                    "OUT=" + run.string(),
                                    "BTEVAL_OPTIONS=" + options};
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {"sh", "-c", "cd \"$0\" && " + command, (source_dir() / "examples").string()});
    return run_command(all);
  }

  TempDir dir;
  fs::path run = dir.path() / "run";
  std::map<std::string, std::string> alone;
};

TEST_F(Examples, SlurmJobWithOneProcessAGpu) {
  const auto srun = launch("srun", 1, {});
  if (!srun.missing.empty()) GTEST_SKIP() << srun.missing;
  const CommandResult result =
      run_example("\"$WITH_SLURM\" sbatch --wait --ntasks 2 --output \"$OUT.log\" slurm.sbatch",
                  {"WITH_SLURM=" + srun.argv[1]});
  ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_EQ(results(), alone);
}

TEST_F(Examples, SlurmArrayThatIsJoined) {
  const auto srun = launch("srun", 1, {});
  if (!srun.missing.empty()) GTEST_SKIP() << srun.missing;
  const CommandResult result = run_example(
      "\"$WITH_SLURM\" sh -c 'sbatch --array=1-3 --output \"$OUT.log-%a\" slurm_array.sbatch && sbatch --wait"
      " --dependency=singleton --job-name=bteval-array --output \"$OUT.log\" slurm_array.sbatch merge; "
      "status=$?;"
      " cat \"$OUT\".log*; exit $status'",
      {"WITH_SLURM=" + srun.argv[1]});
  ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_EQ(results(), alone);
}

TEST_F(Examples, TorchrunOnOneMachine) {
  const auto torchrun = launch("torchrun", 1, {});
  if (!torchrun.missing.empty()) GTEST_SKIP() << torchrun.missing;
  if (torchrun.argv.front() == "env") GTEST_SKIP() << "torchrun is of another version than LibTorch";
  const CommandResult result = run_example("./torchrun.sh", {"TORCHRUN=" + torchrun.argv[0], "NPROC=2"});
  ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_EQ(results(), alone);
}

TEST_F(Examples, MpirunOnOneMachine) {
  const auto mpirun = launch("mpirun", 1, {});
  if (!mpirun.missing.empty()) GTEST_SKIP() << mpirun.missing;
  const CommandResult result =
      run_example("./mpirun.sh", {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                                  "MPIRUN_OPTIONS=--oversubscribe", "NPROC=2"});
  ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
  EXPECT_EQ(results(), alone);
}

}  // namespace
}  // namespace bteval
