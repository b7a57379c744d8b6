// prepare_blas() in a program of its own, whose BLAS is a fake OpenBLAS that takes every processor for a
// Prescott.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "engine/blas_guard.h"

namespace bteval::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Both streams of the probe, run by the shell with `variables` in front.
std::string run_probe(const std::string& variables, const std::string& arguments) {
  const std::string command = "env -u OPENBLAS_CORETYPE -u BTEVAL_BLAS_RESTARTED " + variables +
                              " '" BTEVAL_BLAS_PROBE "' " + arguments + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), count);
  EXPECT_EQ(pclose(pipe), 0) << output;
  return output;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

class BlasRestart : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_cpu_features().avx2_fma)
      GTEST_SKIP() << "this processor has no AVX2, a Prescott's kernels are right";
  }
};

TEST_F(BlasRestart, StartsAgainOnceWithTheRightCore) {
  const std::string output = run_probe("", "eval 'two words'");
  EXPECT_EQ(count(output, "start in process"), 2U) << output;
  EXPECT_THAT(output, HasSubstr(find_cpu_features().avx512 ? "core SkylakeX" : "core Haswell"));
  EXPECT_THAT(output, HasSubstr("mark gone, arguments [eval] [two words]"));
  EXPECT_THAT(output, Not(HasSubstr("warning")));
  // The same process: whoever waits for it, or sends it a signal, notices nothing.
  const std::string line = output.substr(0, output.find('\n') + 1);
  EXPECT_EQ(count(output, line), 2U) << output;
}

TEST_F(BlasRestart, LeavesTheUsersChoiceAloneButWarns) {
  const std::string output = run_probe("OPENBLAS_CORETYPE=Nehalem", "");
  EXPECT_EQ(count(output, "start in process"), 1U) << output;
  EXPECT_THAT(output, HasSubstr("core Nehalem"));
  EXPECT_EQ(count(output, "bteval: warning: OpenBLAS"), 1U) << output;
}

TEST_F(BlasRestart, IsSilentWhereTheChoiceIsGood) {
  const std::string output = run_probe("OPENBLAS_CORETYPE=Haswell", "");
  EXPECT_EQ(count(output, "start in process"), 1U) << output;
  EXPECT_THAT(output, Not(HasSubstr("warning")));
}

TEST_F(BlasRestart, NeverStartsAThirdTime) {
  const std::string output = run_probe("BTEVAL_BLAS_RESTARTED=1", "");
  EXPECT_EQ(count(output, "start in process"), 1U) << output;
  EXPECT_EQ(count(output, "bteval: warning: OpenBLAS"), 1U) << output;
}

}  // namespace
}  // namespace bteval::engine
