#include "datasets/vqa_vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/vqa_json.h"
#include "vqa_files.h"

namespace bteval::datasets {
namespace {

using testing::error_of;
using ::testing::HasSubstr;

AnswerVocabulary parse(const std::string& name, std::string_view text) {
  return AnswerVocabulary::parse(*Bytes::from_memory(name, text));
}

TEST(AnswerVocabulary, ReadsEveryFormInUse) {
  const std::vector<std::string> expected = {"yes", "", "0"};
  const struct {
    const char* name;
    const char* text;
  } cases[] = {
      {"v.json", R"(["yes", "", "0"])"},
      {"v.json", R"({"0": 2, "": 1, "yes": 0})"},
      {"v.json", R"({"0": "yes", "1": "", "2": "0"})"},
      {"v.json", R"([{"yes": 0, "": 1, "0": 2}, {"0": "yes", "1": "", "2": "0"}])"},
      {"config.json", R"({"model_type": "bridgetower", "id2label": {"0": "yes", "1": "", "2": "0"}})"},
      {"v.txt", "yes\n\n0\n"},
      {"v.txt", "yes\r\n\r\n0"}};
  for (const auto& c : cases) EXPECT_EQ(parse(c.name, c.text).answers(), expected) << c.text;
}

TEST(AnswerVocabulary, FindsLabelsAndHashesItsContentOnly) {
  const AnswerVocabulary vocabulary = parse("v.json", R"(["yes", "", "café"])");
  EXPECT_EQ(vocabulary.label("café"), 2U);
  EXPECT_EQ(vocabulary.label(""), 1U);
  EXPECT_EQ(vocabulary.label("no"), std::nullopt);
  EXPECT_EQ(vocabulary.answer(0), "yes");
  // python3 -c 'import hashlib, json; print(hashlib.sha256(json.dumps(["yes", "", "café"],
  // ensure_ascii=False,
  //             separators=(",", ":")).encode()).hexdigest())'
  EXPECT_EQ(vocabulary.sha256(), "c6f1887f665dcf02fbdc28489f250b8168a013e368b26aac839a45544eb7cbc5");
  EXPECT_EQ(parse("v.txt", "yes\n\ncafé\n").sha256(), vocabulary.sha256());
  EXPECT_NE(parse("v.txt", "\nyes\ncafé\n").sha256(), vocabulary.sha256());
}

TEST(AnswerVocabulary, RefusesWhatIsNone) {
  const struct {
    const char* name;
    const char* text;
    const char* error;
  } cases[] = {{"v.json", "[]", "v.json: has no answers"},
               {"v.json", "{}", "has no answers"},
               {"v.txt", "", "has no answers"},
               {"v.json", "3", "is neither a list nor an object"},
               {"v.json", R"(["a", "b", "a"])", R"("a" stands twice: label 0 and label 2)"},
               {"v.json", R"(["a", 1])", "label 1: expected an answer, found 1"},
               {"v.json", R"({"a": 0, "b": 2})", "label 1 has no answer"},
               {"v.json", R"({"a": 0, "b": 0})", R"(label 0 is given to "a" and to "b")"},
               {"v.json", R"({"a": 0, "b": -1})", R"("b" should have a label from 0 on, but has -1)"},
               {"v.json", R"({"a": 0, "b": "c"})", R"("b" should have a label from 0 on, but has "c")"},
               {"v.json", R"({"0": "a", "x": "b"})", R"(expected a label from 0 on, found "x")"},
               {"v.json", R"({"0": "a", "1": null})", R"("1" should have an answer, but has null)"},
               {"v.json", R"([{"a": 0}, {"0": "b"}])", "its two objects give different vocabularies"},
               {"config.json", R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})", "holds placeholders"},
               {"config.json", R"({"id2label": ["a"]})", R"("id2label" is no object)"},
               {"v.txt", "a\n\xff\n", "v.txt: at byte 2: is not UTF-8"},
               {"v.txt", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
               {"v.json", "yes\nno\n", "is not JSON"}};
  for (const auto& c : cases) {
    EXPECT_THAT(error_of([&] { parse(c.name, c.text); }), HasSubstr(c.error)) << c.text;
  }
}

TEST(VocabularyBuilder, KeepsFrequentAnswersInOrderOfFirstAppearance) {
  records::VqaAnnotations train;
  records::VqaAnnotations val;
  const auto add = [](records::VqaAnnotations& to, const char* answer) {
    records::VqaAnnotation annotation;
    annotation.multiple_choice_answer = to.strings.intern(answer);
    to.annotations.push_back(annotation);
  };
  for (const char* answer : {"rare", "No", "yes", "no", "?", "yes"}) add(train, answer);
  for (const char* answer : {"late", "yes", "!", "NO", "late", "late"}) add(val, answer);
  const auto normalise = [](std::string_view text) -> std::string {
    if (text == "No" || text == "NO") return "no";
    return std::string(text == "?" || text == "!" ? "" : text);
  };
  VocabularyBuilder builder(normalise);
  builder.add(train);
  builder.add(val);
  EXPECT_EQ(builder.build(3).answers(), (std::vector<std::string>{"no", "yes", "late"}));
  EXPECT_EQ(builder.build(2).answers(), (std::vector<std::string>{"no", "yes", "", "late"}));
  EXPECT_EQ(builder.build(1).size(), 5U);
  EXPECT_THAT(error_of([&] { builder.build(9); }),
              HasSubstr("rebuilt with at least 9 occurrences: has no answers"));
}

TEST(AnswerVocabulary, ReadsThePublishedLists) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const auto folder = data / "vqa/answer_vocab";
  const AnswerVocabulary first = AnswerVocabulary::read(folder / "label2ans_first_appearance_3129.json");
  EXPECT_EQ(first.size(), 3129U);
  EXPECT_EQ(first.answer(0), "net");
  EXPECT_TRUE(first.label("").has_value());
  EXPECT_EQ(AnswerVocabulary::read(folder / "mcan_answer_dict.json").sha256(), first.sha256());
  const AnswerVocabulary lxmert = AnswerVocabulary::read(folder / "lxmert_trainval_label2ans.json");
  EXPECT_EQ(lxmert.size(), 3129U);
  EXPECT_EQ(AnswerVocabulary::read(folder / "lxmert_trainval_ans2label.json").sha256(), lxmert.sha256());
  EXPECT_NE(lxmert.sha256(), first.sha256());
  EXPECT_EQ(AnswerVocabulary::read(folder / "albef_answer_list.json").size(), 3128U);
}

}  // namespace
}  // namespace bteval::datasets
