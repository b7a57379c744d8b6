#include "tasks/run_differences.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "support/test_paths.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using bteval::testing::TempDir;

class RunDifferencesTest : public ::testing::Test {
 protected:
  void write(const char* name, const std::string& in_a, const std::string& in_b) const {
    fs::create_directories(a);
    fs::create_directories(b);
    write_file_atomic(a / name, in_a);
    write_file_atomic(b / name, in_b);
  }
  TempDir dir;
  fs::path a = dir.path() / "a", b = dir.path() / "b";
};

TEST_F(RunDifferencesTest, EqualFilesHaveNone) {
  write("predictions.jsonl", "{\"id\": \"x\"}\n", "{\"id\": \"x\"}\n");
  write("manifest.json", "{\"timing\": 1}", "{\"timing\": 2}");
  const RunDifferences found = compare_runs(a, b);
  EXPECT_TRUE(found.all.empty());
  EXPECT_EQ(found.files, 1U);
  EXPECT_EQ(found.lines, 1U);
}

TEST_F(RunDifferencesTest, AFloatIsNamedWithItsSize) {
  write("predictions.jsonl", "{\"question_id\": 7, \"answer\": \"a\", \"margin\": 0.5}\n",
        "{\"question_id\": 7, \"answer\": \"a\", \"margin\": 0.75}\n");
  const RunDifferences found = compare_runs(a, b);
  ASSERT_EQ(found.all.size(), 1U);
  EXPECT_EQ(found.all[0].sample, "7");
  EXPECT_EQ(found.all[0].field, "margin");
  EXPECT_EQ(found.all[0].a, "0.5");
  EXPECT_EQ(found.all[0].size, 0.25);
  EXPECT_FALSE(found.answers_differ());
}

TEST_F(RunDifferencesTest, AnotherLabelIsAnotherAnswer) {
  write("predictions.jsonl", "{\"id\": \"x\", \"label\": 1}\n", "{\"id\": \"x\", \"label\": 2}\n");
  EXPECT_TRUE(compare_runs(a, b).answers_differ());
}

TEST_F(RunDifferencesTest, TextFilesAreComparedWordByWord) {
  write("run.txt", "q Q0 d 1 0.25 tag\n", "q Q0 d 1 0.5 tag\n");
  RunDifferences found = compare_runs(a, b);
  ASSERT_EQ(found.all.size(), 1U);
  EXPECT_EQ(found.all[0].field, "word 5");
  EXPECT_FALSE(found.answers_differ());
  write("run.txt", "q Q0 d 1 0.25 tag\n", "q Q0 e 1 0.25 tag\n");
  EXPECT_TRUE(compare_runs(a, b).answers_differ());
}

TEST_F(RunDifferencesTest, AMissingLineOrFileIsAnAnswer) {
  write("predictions.jsonl", "{}\n{}\n", "{}\n");
  EXPECT_TRUE(compare_runs(a, b).answers_differ());
  write("predictions.jsonl", "{}\n", "{}\n");
  write_file_atomic(a / "submission.json", "[]");
  const RunDifferences found = compare_runs(a, b);
  ASSERT_EQ(found.all.size(), 1U);
  EXPECT_EQ(found.all[0].file, "submission.json");
  EXPECT_TRUE(found.answers_differ());
}

TEST_F(RunDifferencesTest, AFolderWithoutFilesIsNoRun) {
  fs::create_directories(a);
  fs::create_directories(b);
  EXPECT_THROW(compare_runs(a, b), Error);
}

}  // namespace
}  // namespace bteval::app
