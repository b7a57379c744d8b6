// One evaluation by several processes that torchrun, mpirun and srun start: whatever their number, the files
// are those of one process alone.
#include <map>
#include <stdexcept>
#include <tuple>

#include "e2e/program.h"
#include "support/launchers.h"

namespace bteval {
namespace {

using testing::launch;

/// Inputs that take one process a second or less, and the files that it writes, one for all tests of a task.
struct Evaluation {
  explicit Evaluation(const std::string& task) : task(task) {
    if (task == "vqav2") MiniVqav2(dir.path() / "data", 240).write();
    const CommandResult result = run_command(command());
    if (result.exit_status != 0) throw std::runtime_error(result.err);
    alone = run_content(run);
  }
  /// The same for all runs, because manifests tell it.
  std::vector<std::string> command() const {
    std::vector<std::string> argv = in_units(task, run);
    if (task == "vqav2") {
      set_option(argv, "--data", dir.path() / "data");
    } else {
      set_option(argv, "--top-k", "4");
    }
    return argv;
  }
  static const Evaluation& of(const std::string& task) {
    static std::map<std::string, Evaluation> all;
    return all.try_emplace(task, task).first->second;
  }

  std::string task;
  TempDir dir;
  fs::path run = dir.path() / "run";
  std::map<std::string, std::string> alone;
};

class LaunchTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(LaunchTest, AnyNumberOfProcessesWritesTheFilesOfOne) {
  const auto& [launcher, task] = GetParam();
  if (const auto probe = launch(launcher, 1, {}); !probe.missing.empty()) GTEST_SKIP() << probe.missing;
  const Evaluation& evaluation = Evaluation::of(task);
  const std::size_t submissions =
      evaluation.alone.count("submission.json") + evaluation.alone.count("run.ir.txt");
  ASSERT_EQ(submissions, 1U);
  for (const int processes : {1, 2, 3, 7}) {
    SCOPED_TRACE(processes);
    fs::remove_all(evaluation.run);
    const CommandResult result = run_command(launch(launcher, processes, evaluation.command()).argv);
    ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
    EXPECT_EQ(run_content(evaluation.run), evaluation.alone);
    const Json timing = read_json(evaluation.run / "manifest.json").at("timing");
    EXPECT_EQ(timing.value("ranks", 1), processes);
  }
}

INSTANTIATE_TEST_SUITE_P(Launchers, LaunchTest,
                         ::testing::Combine(::testing::Values("torchrun", "mpirun", "srun"),
                                            ::testing::Values("vqav2", "flickr30k")),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param)) + "_" + std::get<1>(test.param);
                         });

}  // namespace
}  // namespace bteval
