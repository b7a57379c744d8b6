#include "metrics/vqa_normalise.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/json.h"
#include "support/test_paths.h"

namespace bteval::metrics {
namespace {

struct Case {
  std::string text;
  std::string expected;
};

TEST(VqaNormalise, CleaningTouchesWhiteSpaceOnly) {
  for (const Case& c :
       {Case{"a\nb\tc", "a b c"}, {"\n The  Cat.\t", "The  Cat."}, {"a\rb", "a\rb"}, {"\t", ""}}) {
    EXPECT_EQ(clean_vqa_answer(c.text), c.expected) << c.text;
  }
}

TEST(VqaNormalise, MarksBesideASpaceAreDeletedEverywhere) {
  const Case cases[] = {
      {"a-b", "a b"},          {"a- b-c", "a bc"},   {"a -b-c", "a bc"},
      {"a-b c/d", "a b c d"},  {"a-b, c", "a b c"},  {"1,000-2", "10002"},
      {"1, 000-2", "1 000 2"}, {"１,１-a", "１１a"}, {"1,a-b", "1 a b"},
      {"a\t-b", "a\t b"},      {"(a)", " a "},       {";/[]\"{}()=+\\_-><@`,?!", std::string(21, ' ')},
      {"it's:a*b", "it's:a*b"}};
  for (const Case& c : cases) EXPECT_EQ(normalise_vqa_punctuation(c.text), c.expected) << c.text;
}

TEST(VqaNormalise, PeriodsStayBeforeDigitsOnly) {
  const Case cases[] = {{"3.5", "3.5"}, {"3.", "3"},    {".5", ".5"},    {"a.b", "ab"},   {"...", ""},
                        {"..5", ".5"},  {"a.٣", "a.٣"}, {"3.,5", "3 5"}, {"3., 5", "3 5"}};
  for (const Case& c : cases) EXPECT_EQ(normalise_vqa_punctuation(c.text), c.expected) << c.text;
  EXPECT_EQ(normalise_vqa_punctuation(std::string(40, '.')), std::string(8, '.'));
  EXPECT_EQ(normalise_vqa_punctuation(std::string(32, '.')), "");
}

TEST(VqaNormalise, WordsLoseArticlesAndGainApostrophes) {
  const Case cases[] = {{"The  Cat and a dog", "cat and dog"},
                        {"None Zero ONE ten eleven", "0 0 1 10 eleven"},
                        {"dont youre oclock", "don't you're o'clock"},
                        {"somebody'd ow's'at", "somebodyd 'ow's'at"},
                        {"Im Ive let's", "im ive let's"},
                        {"a an the", ""},
                        {"", ""}};
  for (const Case& c : cases) EXPECT_EQ(normalise_vqa_words(c.text), c.expected) << c.text;
}

TEST(VqaNormalise, PunctuationComesBeforeWords) {
  EXPECT_EQ(normalise_vqa_answer("The man-made lake."), "man made lake");
  EXPECT_EQ(normalise_vqa_answer("don.t"), "don't");
  EXPECT_EQ(normalise_vqa_answer("t-h-e"), "t h e");
}

TEST(VqaNormalise, AgreesWithAnotherReadingOfTheRules) {
  const Json golden = read_json(testing::golden_data("vqa/normalise.json"));
  ASSERT_GT(golden.at("cases").size(), 600U);
  for (const Json& row : golden.at("cases")) {
    const auto text = row.at(0).get<std::string>();
    EXPECT_EQ(normalise_vqa_punctuation(text), row.at(1).get<std::string>()) << text;
    EXPECT_EQ(normalise_vqa_answer(text), row.at(2).get<std::string>()) << text;
  }
}

TEST(VqaNormalise, AgreesWithTheOfficialScorerOnRealAnswers) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  std::ifstream file(data / "vqa/golden/normalization.jsonl");
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    const Json row = Json::parse(line);
    const auto raw = row.at("raw").get<std::string>();
    EXPECT_EQ(normalise_vqa_punctuation(raw), row.at("punct").get<std::string>()) << raw;
    EXPECT_EQ(normalise_vqa_answer(raw), row.at("norm").get<std::string>()) << raw;
    EXPECT_EQ(normalise_vqa_answer(raw), row.at("bridgetower_normalize_word").get<std::string>()) << raw;
    ++rows;
  }
  EXPECT_EQ(rows, 4132);
}

}  // namespace
}  // namespace bteval::metrics
