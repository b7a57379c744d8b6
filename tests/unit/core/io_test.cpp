// Files, hashes, JSON and progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/bytes.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/progress.h"
#include "support/test_paths.h"

namespace bteval {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Bytes, MapsAFileAndNamesItWhenItCannot) {
  const testing::TempDir dir;
  write_file_atomic(dir.path() / "a", "hello");
  EXPECT_EQ(Bytes::map_file(dir.path() / "a")->text(), "hello");
  write_file_atomic(dir.path() / "empty", "");
  EXPECT_EQ(Bytes::map_file(dir.path() / "empty")->size(), 0U);
  EXPECT_THAT(message_of([&] { Bytes::map_file(dir.path() / "none"); }),
              ::testing::HasSubstr("none: cannot open the file: No such file"));
  EXPECT_THAT(message_of([&] { Bytes::map_file(dir.path()); }), ::testing::HasSubstr("Is a directory"));
}

TEST(WriteFileAtomic, ReplacesTheWholeFileAndLeavesNothingElse) {
  const testing::TempDir dir;
  write_file_atomic(dir.path() / "a", "a long first version");
  write_file_atomic(dir.path() / "a", "second");
  EXPECT_EQ(Bytes::map_file(dir.path() / "a")->text(), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
  EXPECT_THROW(write_file_atomic(dir.path() / "no/such/folder", "x"), Error);
}

TEST(Sha256, MatchesThePublishedVectors) {
  EXPECT_EQ(sha256(std::string_view("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::string_view("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 parts;
  parts.update(std::string_view("a"));
  parts.update(std::string_view("bc"));
  EXPECT_EQ(parts.finish(), sha256(std::string_view("abc")));
}

TEST(Json, SaysWhatAFileIsInsteadOfJson) {
  const auto message = [](std::string_view text) { return message_of([&] { parse_json(text, "f.json"); }); };
  EXPECT_EQ(message(""), "f.json: the file is empty");
  EXPECT_EQ(message(" \n"), "f.json: the file holds nothing but white space");
  EXPECT_THAT(message("version https://git-lfs.github.com/spec/v1\noid sha256:0"),
              ::testing::HasSubstr("Git LFS pointer"));
  EXPECT_EQ(message("<html>"), "f.json: is not JSON; it starts with '<html>'");
  EXPECT_THAT(message("{\"a\": 1,, \"b\": 2}"), ::testing::HasSubstr("f.json: at byte 8: is not valid JSON"));
  EXPECT_EQ(parse_json("[1, 2]", "f.json").size(), 2U);
}

TEST(Json, HasLimits) {
  const auto message = [](std::string_view text) { return message_of([&] { parse_json(text, "f.json"); }); };
  const std::string open(kMaxJsonDepth, '['), close(kMaxJsonDepth, ']');
  EXPECT_NO_THROW(parse_json(open + R"("[[{\"[")" + close, "f.json"));
  EXPECT_NO_THROW(parse_ordered_json("[[], [], {}, [" + open.substr(2) + close, "f.json"));
  EXPECT_EQ(message("[" + open + close + "]"), "f.json: at byte 500: is nested more than 500 deep");
  EXPECT_EQ(message(std::string(100000, '[')), "f.json: at byte 500: is nested more than 500 deep");
  EXPECT_EQ(message("[1e999]"), "f.json: holds a number that is too large for a double");
  EXPECT_EQ(message(std::string_view("[1]\0", 4)),
            "f.json: at byte 3: is not valid JSON: it holds a zero byte");
  EXPECT_EQ(message("[" + std::string(kMaxJsonBytes, ' ')),
            "f.json: is JSON of 268435457 bytes, more than the limit of 268435456");
}

TEST(Json, MembersAreCheckedForPresenceAndType) {
  const Json object = Json::parse(R"({"n": 3, "s": "x"})");
  EXPECT_EQ(json_member<int>(object, "n", "f", "r"), 3);
  EXPECT_EQ(message_of([&] { json_member<int>(object, "q", "f", "record 1"); }), "f: record 1: has no \"q\"");
  EXPECT_THAT(message_of([&] { json_member<int>(object, "s", "f", "record 1"); }),
              ::testing::HasSubstr("wrong type"));
  const Json numbers = Json::parse(R"({"large": 2147483648, "half": 0.5, "huge": 1e300, "minus": -1})");
  EXPECT_EQ(json_member<std::int64_t>(numbers, "large", "f", "r"), std::int64_t{1} << 31);
  for (const char* key : {"large", "half", "huge"}) {
    EXPECT_THAT(message_of([&] { json_member<int>(numbers, key, "f", "r"); }),
                ::testing::HasSubstr("wrong type"))
        << key;
  }
  EXPECT_THAT(message_of([&] { json_member<std::uint32_t>(numbers, "minus", "f", "r"); }),
              ::testing::HasSubstr("wrong type"));
  EXPECT_EQ(json_member<double>(numbers, "half", "f", "r"), 0.5);
}

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("eval", "questions", 50, 200, 10),
            "eval: 50/200 questions (25.0 %), 5.0/s, 0:30 left");
  EXPECT_EQ(progress_line("eval", "questions", 200, 200, 4000),
            "eval: 200/200 questions (100.0 %), 0.1/s, took 1:06:40");
  EXPECT_EQ(progress_line("eval", "questions", 0, 200, 0), "eval: 0/200 questions (0.0 %)");
}

}  // namespace
}  // namespace bteval
