#include "tasks/prove_invariance.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/json.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using bteval::testing::TempDir;

/// Runs whose one prediction is what the test says.
class ProveInvarianceTest : public ::testing::Test {
 protected:
  using Prediction = std::function<std::string(const InvarianceRun& run)>;

  bool prove(const Prediction& prediction) {
    return prove_invariance(out, 3, [&](const InvarianceRun& run) {
      runs.push_back(run);
      fs::create_directories(run.out);
      const std::uint32_t batch = run.batch_size != 0 ? run.batch_size : 16;
      write_file_atomic(run.out / "manifest.json",
                        fmt::format("{{\"options\": {{\"batch_size\": {}}}}}", batch));
      write_file_atomic(run.out / "predictions.jsonl", prediction(run) + "\n");
      return 0;
    });
  }
  Json document() const { return read_json(out / "invariance.json"); }

  TempDir dir;
  fs::path out = dir.path() / "proof";
  std::vector<InvarianceRun> runs;
};

TEST_F(ProveInvarianceTest, HoldsWhereFloatsDifferBetweenBatchSizesOnly) {
  EXPECT_TRUE(prove([](const InvarianceRun& run) {
    return fmt::format("{{\"id\": \"a\", \"label\": 1, \"margin\": {}}}", run.batch_size == 8 ? 0.5 : 0.75);
  }));
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0].processes, 1U);
  EXPECT_EQ(runs[1].processes, 3U);
  EXPECT_EQ(runs[2].batch_size, 8U);
  EXPECT_EQ(runs[3].processes, 3U);
  const Json comparisons = document().at("comparisons");
  ASSERT_EQ(comparisons.size(), 3U);
  EXPECT_TRUE(comparisons[0].at("differences").empty());
  EXPECT_TRUE(comparisons[1].at("differences").empty());
  ASSERT_EQ(comparisons[2].at("differences").size(), 1U);
  EXPECT_EQ(comparisons[2].at("differences")[0].at("size"), 0.25);
}

TEST_F(ProveInvarianceTest, FailsWhereTheNumberOfProcessesChangesAFloat) {
  EXPECT_FALSE(prove([](const InvarianceRun& run) {
    return fmt::format("{{\"id\": \"a\", \"label\": 1, \"margin\": {}}}", run.processes == 3 ? 0.5 : 0.75);
  }));
  EXPECT_EQ(document().at("holds"), false);
  EXPECT_EQ(document().at("comparisons")[0].at("holds"), false);
}

TEST_F(ProveInvarianceTest, FailsWhereTheBatchSizeChangesAnAnswer) {
  EXPECT_FALSE(prove([](const InvarianceRun& run) {
    return fmt::format("{{\"id\": \"a\", \"label\": {}}}", run.batch_size == 8 ? 1 : 2);
  }));
  EXPECT_EQ(document().at("comparisons")[0].at("holds"), true);
  EXPECT_EQ(document().at("comparisons")[2].at("holds"), false);
}

TEST_F(ProveInvarianceTest, ARunThatFailsEndsTheProof) {
  const std::string error =
      bteval::testing::error_text([&] { prove_invariance(out, 2, [](const InvarianceRun&) { return 3; }); });
  EXPECT_NE(error.find("a run of the proof ended with exit status 3"), std::string::npos) << error;
}

}  // namespace
}  // namespace bteval::app
