#include "core/json_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "core/json.h"

namespace bteval {
namespace {

std::string what_skip_says(std::string_view text) {
  try {
    JsonReader reader(text, "f.json");
    reader.skip();
    reader.finish();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(JsonReader, WalksThroughADocument) {
  JsonReader reader(
      R"( {"a": [1, -2, 3], "b": {"c": null, "d": [[], {}, true, false, 1.5e-3]}, "é\n": "x\"y"} )", "f");
  reader.enter_object();
  std::string_view key;
  std::vector<std::int64_t> numbers;
  std::string last;
  while (reader.next_key(key)) {
    if (key == "a") {
      reader.enter_array();
      while (reader.next_element()) numbers.push_back(reader.read_int());
    } else if (key == "é\n") {
      last = reader.read_string();
    } else {
      EXPECT_EQ(key, "b");
      reader.skip();
    }
  }
  reader.finish();
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, -2, 3}));
  EXPECT_EQ(last, "x\"y");
}

TEST(JsonReader, ReadsDoublesToTheLastBit) {
  for (const double value : {0.0, -0.0, 0.1, 1.0 / 3, -2.5e-300, 1e300, 42.0, 0.30000000000000004}) {
    const std::string text = Json(value).dump();
    JsonReader reader(text, "f");
    EXPECT_EQ(reader.read_double(), value) << text;
    reader.finish();
  }
  for (const char* bad : {"1e999", "\"1\"", "null", "1.", "-"}) {
    EXPECT_THROW(JsonReader(bad, "f").read_double(), Error) << bad;
  }
}

TEST(JsonReader, DecodesStrings) {
  const struct {
    const char* json;
    const char* text;
  } cases[] = {{R"("")", ""},
               {R"("abcdefghijklmnop")", "abcdefghijklmnop"},
               {R"("abcdefg\"ijk\\lm\/n\b\f\n\r\top")", "abcdefg\"ijk\\lm/n\b\f\n\r\top"},
               {R"("\u0041\u00e9\u20AC\ud83d\ude00")", "Aé€😀"},
               {"\"grüße \xf0\x9f\x98\x80 and then some\"", "grüße 😀 and then some"}};
  for (const auto& c : cases) {
    JsonReader reader(c.json, "f");
    EXPECT_EQ(reader.read_string(), c.text) << c.json;
    reader.finish();
  }
}

TEST(JsonReader, NamesOffsetAndCause) {
  EXPECT_EQ(what_skip_says("[1, 2"), "f.json: at byte 5: ends where ',' or ']' should stand");
  EXPECT_EQ(what_skip_says("[1 2]"), "f.json: at byte 3: expected ',' or ']', found '2]'");
  EXPECT_EQ(what_skip_says("{\"a\" 1}"), "f.json: at byte 5: expected ':', found '1}'");
  EXPECT_EQ(what_skip_says("[\"a\x01\"]"), "f.json: at byte 3: has a control character within a string");
  EXPECT_EQ(what_skip_says("[\"\xff\"]"), "f.json: at byte 2: has invalid UTF-8 within a string");
  EXPECT_EQ(what_skip_says("[\"\\ud800x\"]"), "f.json: at byte 2: has an unpaired surrogate within a string");
  EXPECT_EQ(what_skip_says("[] []"), "f.json: at byte 3: expected the end of the document, found '[]'");
  EXPECT_EQ(what_skip_says(""), "f.json: the file is empty");
  EXPECT_NE(what_skip_says(std::string(1000, '[')).find("nested more than 500 deep"), std::string::npos);
}

TEST(JsonReader, IntegersAreIntegersOf64Bits) {
  EXPECT_EQ(JsonReader("-9223372036854775808", "f").read_int(), INT64_MIN);
  EXPECT_EQ(JsonReader("9223372036854775807", "f").read_int(), INT64_MAX);
  for (const char* bad : {"9223372036854775808", "1.0", "1e2", "\"1\"", "true", "-", "[1]"}) {
    EXPECT_THROW(JsonReader(bad, "f").read_int(), Error) << bad;
  }
}

// Whatever small damage is done to a document, this reader and the one of core/json.h agree whether it is
// JSON.
TEST(JsonReader, AgreesWithTheOtherParserOnWhatIsJson) {
  const std::string seed =
      R"({"a": [1, -2.5e+3, 0, true, false, null, "x\u00e9\ud83d\ude00\n"], "é": {"": [{}, []]}, "c": "long plain text"})";
  const std::string bytes = "{}[]\",:\\0123456789-+.eEu tfn\n\x01\x7f\xc3\xa9\xff";
  std::mt19937 random(20210311);
  int valid = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text = seed;
    for (auto edits = random() % 3 + 1; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1);
      } else if (random() % 2 == 0) {
        text[at] = bytes[random() % bytes.size()];
      } else {
        text.insert(at, 1, bytes[random() % bytes.size()]);
      }
    }
    const bool expected = Json::accept(text);
    ASSERT_EQ(what_skip_says(text).empty(), expected) << text << "\n" << what_skip_says(text);
    valid += expected;
  }
  EXPECT_GT(valid, 1000);
}

}  // namespace
}  // namespace bteval
