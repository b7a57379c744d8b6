#include "engine/openmp_guard.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "engine/options.h"

namespace bteval::engine {
namespace {

using Repairs = std::map<std::string, std::string>;

TEST(OpenMpRepairs, LeaveAloneWhatIsHarmless) {
  EXPECT_EQ(openmp_repairs({}, {}, {}), Repairs());
  EXPECT_EQ(openmp_repairs("false", {}, "7"), Repairs());
  EXPECT_EQ(openmp_repairs("", "", ""), Repairs());
  EXPECT_EQ(openmp_repairs({}, "4", "4"), Repairs());
  EXPECT_EQ(openmp_repairs({}, "4", " 2,1"), Repairs());
  EXPECT_EQ(openmp_repairs({}, "none", {}), Repairs());
}

TEST(OpenMpRepairs, SwitchOffADynamicNumberOfThreads) {
  for (const char* value : {"true", "TRUE", " True ", "1"})
    EXPECT_EQ(openmp_repairs(value, {}, {}), (Repairs{{"OMP_DYNAMIC", "false"}})) << value;
}

TEST(OpenMpRepairs, AskForNoMoreThreadsThanTheLimit) {
  EXPECT_EQ(openmp_repairs({}, "1", {}), (Repairs{{"OMP_NUM_THREADS", "1"}}));
  EXPECT_EQ(openmp_repairs("true", "3", "8"), (Repairs{{"OMP_DYNAMIC", "false"}, {"OMP_NUM_THREADS", "3"}}));
}

TEST(OpenMpLimit, BoundsTheThreadsOfARun) {
  const char* const before = std::getenv("OMP_THREAD_LIMIT");
  const std::string kept = before == nullptr ? "" : before;
  setenv("OMP_THREAD_LIMIT", "1", 1);
  EngineOptions options;
  options.device = "cpu";
  options.transform.size_px = 48;
  options.resolve();
  EXPECT_EQ(options.threads, 1);
  options.threads = 2;
  try {
    options.resolve();
    ADD_FAILURE() << "two threads where one is allowed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_STREQ(error.what(), "OMP_THREAD_LIMIT=1 does not allow 2 threads: results would be wrong");
  }
  before == nullptr ? unsetenv("OMP_THREAD_LIMIT") : setenv("OMP_THREAD_LIMIT", kept.c_str(), 1);
}

}  // namespace
}  // namespace bteval::engine
