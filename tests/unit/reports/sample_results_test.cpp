#include "reports/sample_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/error.h"
#include "support/error_text.h"
#include "support/test_paths.h"

namespace bteval::reports {
namespace {

using ::testing::HasSubstr;

records::SampleResult full() {
  records::SampleResult result;
  result.id = "262148000";
  result.cluster = "262148";
  result.value = 0.3 * 3;
  result.confidence = 0.932476f;
  result.rank = 7;
  result.prediction = "down \"there\"\n<script>";
  result.targets = {"down", "über"};
  result.text = "Where is he looking?";
  result.images = {"val2014/COCO_val2014_000000262148.jpg"};
  result.slices = {{"answer type", "other"}, {"question type", "none of the above"}};
  return result;
}

void expect_equal(const records::SampleResult& a, const records::SampleResult& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.cluster, b.cluster);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.confidence, b.confidence);
  EXPECT_EQ(a.rank, b.rank);
  EXPECT_EQ(a.prediction, b.prediction);
  EXPECT_EQ(a.targets, b.targets);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.images, b.images);
  EXPECT_EQ(a.refused, b.refused);
  EXPECT_EQ(a.slices, b.slices);
}

TEST(SampleResults, ComeBackAsTheyWereWritten) {
  const testing::TempDir dir;
  records::SampleResult refused;
  refused.id = "2";
  refused.value = 0;
  refused.refused = "no image";
  records::SampleResult bare;
  bare.id = "3";
  const auto path = dir.path() / "samples.jsonl";
  SampleResultWriter writer(path);
  for (const auto& result : {full(), refused, bare}) writer.add(result);
  EXPECT_FALSE(std::filesystem::exists(path)) << "appears when it is complete";
  writer.commit();
  const auto read = read_sample_results(*Bytes::map_file(path));
  ASSERT_EQ(read.size(), 3u);
  expect_equal(read[0], full());
  expect_equal(read[1], refused);
  expect_equal(read[2], bare);
}

TEST(SampleResults, AManyTimesLongerFileIsReadInOrder) {
  const testing::TempDir dir;
  SampleResultWriter writer(dir.path() / "s");
  for (int i = 0; i < 20000; ++i) {
    records::SampleResult result = full();
    result.id = std::to_string(i);
    writer.add(result);
  }
  writer.commit();
  int expected = 0;
  read_sample_results(*Bytes::map_file(dir.path() / "s"), [&](records::SampleResult&& result) {
    EXPECT_EQ(result.id, std::to_string(expected++));
  });
  EXPECT_EQ(expected, 20000);
}

/// Lines of more than one chunk of the reader; `line(i)` gives line i.
std::shared_ptr<const Bytes> long_file(int lines, const std::function<std::string(int)>& line) {
  std::string text;
  for (int i = 0; i < lines; ++i) text += line(i) + "\n";
  return Bytes::from_memory("samples.jsonl", text);
}

std::string padded_line(int i) {
  return fmt::format(R"({{"id": "{}", "text": "{}", "targets": ["a", "b"]}})", i, std::string(200, 'x'));
}

TEST(SampleResults, AreReadInOrderByAnyNumberOfThreads) {
  const auto file = long_file(30'000, padded_line);
  for (const int threads : {1, 2, 5}) {
    int expected = 0;
    read_sample_results(
        *file, threads, [](records::SampleResult& result) { result.text.resize(3); },
        [&](records::SampleResult&& result) {
          ASSERT_EQ(result.id, std::to_string(expected++));
          ASSERT_EQ(result.text, "xxx");
          ASSERT_EQ(result.targets.size(), 2U);
        });
    EXPECT_EQ(expected, 30'000) << threads << " threads";
  }
}

TEST(SampleResults, TellTheFirstFaultWhateverTheNumberOfThreads) {
  const auto file = long_file(
      30'000, [](int i) { return i == 12'345 || i == 20'000 ? std::string("{\"id\": 7}") : padded_line(i); });
  const std::size_t at = file->text().find("{\"id\": 7}");
  for (const int threads : {1, 4}) {
    int seen = 0;
    const auto read = [&](int stop) {
      seen = 0;
      return testing::error_text([&] {
        read_sample_results(
            *file, threads, [](records::SampleResult&) {},
            [&](records::SampleResult&&) {
              if (seen++ == stop) throw Error(ErrorCode::kData, "no more");
            });
      });
    };
    EXPECT_THAT(read(-1), HasSubstr(fmt::format("samples.jsonl: line 12346: at byte {}", at + 7)));
    EXPECT_EQ(seen, 12'345);
    EXPECT_THAT(read(5000), HasSubstr("samples.jsonl: line 5001: "));
    EXPECT_THAT(read(5000), HasSubstr("no more"));
  }
}

TEST(SampleResults, NameTheLineAndTheByteOfAFault) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {{"{\"id\": \"1\"}\n{\"id\": 2}\n", "line 2: at byte 19"},
               {"{\"id\": \"1\"}\n{\"cluster\": \"2\"}\n", "line 2"},
               {"{\"id\": \"1\"}\n\n{\"id\": \"2\"}\n", "line 2"},
               {"{\"id\": \"1\"} {}\n", "line 1: at byte 12"},
               {"{\"id\": \"1\", \"value\": \"good\"}\n", "expected a number"},
               {"{\"id\": \"1\", \"value\": 1.5}\n", "is no number from 0 to 1"},
               {"{\"id\": \"1\", \"confidence\": 1e300}\n", "is no number from 0 to 1"},
               {"{\"id\": \"1\", \"rank\": 0}\n", "is no rank from 1 on"},
               {"{\"id\": \"1\", \"rank\": 4294967296}\n", "is no rank from 1 on"},
               {"{\"id\": \"1\"", "line 1"}};
  for (const auto& example : cases) {
    try {
      read_sample_results(*Bytes::from_memory("samples.jsonl", example.text));
      ADD_FAILURE() << "accepted " << example.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
      EXPECT_THAT(error.what(), HasSubstr("samples.jsonl"));
      EXPECT_THAT(error.what(), HasSubstr(example.message));
    }
  }
}

}  // namespace
}  // namespace bteval::reports
