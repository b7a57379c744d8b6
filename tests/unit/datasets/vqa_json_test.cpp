#include "datasets/vqa_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vqa_files.h"

namespace bteval::datasets {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::VqaFiles;

std::shared_ptr<const Bytes> bytes(std::string_view text) { return Bytes::from_memory("f.json", text); }

std::string question_error(std::string_view text) {
  return error_of([&] { read_vqa_questions(*bytes(text)); });
}

std::string annotation_error(const OrderedJson& json) {
  return error_of([&] { read_vqa_annotations(*bytes(json.dump())); });
}

std::string prediction_error(std::string_view text) {
  return error_of([&] { read_vqa_predictions(*bytes(text)); });
}

TEST(VqaJson, ReadsQuestionsInFileOrder) {
  const VqaQuestionFile file = read_vqa_questions(*bytes(VqaFiles().questions.dump(2)));
  EXPECT_EQ(file.data_subtype, "val2014");
  ASSERT_EQ(file.questions.size(), 3U);
  EXPECT_EQ(file.questions[1].question_id, 71);
  EXPECT_EQ(file.questions[1].image_id, 7);
  EXPECT_EQ(file.questions[1].question, "How many?");
}

TEST(VqaJson, ReadsAnnotationsWithSharedStrings) {
  const auto annotations = read_vqa_annotations(*bytes(VqaFiles().annotations.dump())).annotations;
  ASSERT_EQ(annotations.annotations.size(), 3U);
  const records::VqaAnnotation& cat = annotations.annotations[2];
  EXPECT_EQ(cat.question_id, 90);
  EXPECT_EQ(annotations.strings.text(cat.question_type), "what is");
  EXPECT_EQ(annotations.strings.text(cat.answer_type), "other");
  EXPECT_EQ(annotations.strings.text(cat.multiple_choice_answer), "cat");
  const auto answers = annotations.answers_of(cat);
  ASSERT_EQ(answers.size(), 10U);
  EXPECT_EQ(annotations.strings.text(answers[9].answer), "cat");
  EXPECT_EQ(annotations.strings.text(answers[9].confidence), "yes");
  EXPECT_EQ(answers[9].answer_id, 10);
}

TEST(VqaJson, IdsMayBeStringsOfDigits) {
  const auto file = read_vqa_questions(
      *bytes(R"({"questions": [{"image_id": "42", "question": "Why?", "question_id": "42000"}]})"));
  EXPECT_EQ(file.data_subtype, "");
  EXPECT_EQ(file.questions.at(0).image_id, 42);
  EXPECT_EQ(file.questions.at(0).question_id, 42000);
  EXPECT_EQ(
      read_vqa_predictions(*bytes(R"([{"question_id": "-5", "answer": ""}])")).predictions.at(0).question_id,
      -5);
}

TEST(VqaJson, AnswersNeedNeitherConfidenceNorId) {
  VqaFiles files;
  files.annotations["annotations"][0]["answers"] = {{{"answer", "a"}}, {{"answer", "b"}, {"answer_id", "3"}}};
  const auto annotations = read_vqa_annotations(*bytes(files.annotations.dump())).annotations;
  const auto answers = annotations.answers_of(annotations.annotations[0]);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].answer_id, std::nullopt);
  EXPECT_EQ(annotations.strings.text(answers[0].confidence), "");
  EXPECT_EQ(answers[1].answer_id, 3);
  EXPECT_EQ(annotations.answers_of(annotations.annotations[1]).size(), 10U);
}

TEST(VqaJson, DamagedQuestionsAreNamed) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {R"({"questions": [{"image_id": 1, "question": "a?", "question_id": 10}, {"question_id": 11, "image_id": 1}]})",
       R"(f.json: question_id 11: at byte 103: the record that ends here has no "question")"},
      {R"({"questions": [{"image_id": 1, "question": "a?"}]})",
       R"(f.json: questions[0]: at byte 48: the record that ends here has no "question_id")"},
      {R"({"questions": [{"question_id": 1, "question": "a?"}]})", R"(question_id 1: )"},
      {R"({"questions": [{"question_id": 1, "image_id": 2, "question": " \t"}]})",
       "question_id 1: at byte 67: the question that ends here is empty"},
      {R"({"questions": [{"question_id": 1, "image_id": 2, "question": 3}]})",
       "question_id 1: at byte 61: expected a string, found '3}]}'"},
      {R"({"questions": [{"question_id": 1.5}]})",
       "questions[0]: at byte 31: expected an integer of 64 bits"},
      {R"({"questions": [{"question_id": "1x"}]})",
       R"(questions[0]: at byte 31: expected an id, found "1x")"},
      {R"({"questions": [{"question_id": ""}]})", R"(questions[0]: at byte 31: expected an id, found "")"},
      {R"({"questions": {}})", "f.json: at byte 14: expected a list"},
      {R"({"annotations": [], "info": 1})",
       R"(f.json: has no "questions", so it is no question file of VQAv2; it has "annotations", "info")"},
      {"[]", "f.json: at byte 0: expected an object"},
      {R"({"questions": [{"question_id": 1)", "question_id 1: at byte 32: ends where"},
      {R"({"questions": []} x)", "f.json: at byte 18: expected the end of the document"},
      {"", "f.json: the file is empty"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"},
      {"It is too large to upload", "is not JSON; it starts with 'It is too large to upload'"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(question_error(c.text), StartsWith("data: f.json: ")) << c.text;
    EXPECT_THAT(question_error(c.text), HasSubstr(c.error)) << c.text;
  }
}

TEST(VqaJson, DamagedAnnotationsAreNamed) {
  for (const char* key :
       {"image_id", "question_type", "answer_type", "multiple_choice_answer", "question_id"}) {
    VqaFiles files;
    files.annotations["annotations"][1].erase(key);
    EXPECT_THAT(annotation_error(files.annotations), HasSubstr(fmt::format("has no \"{}\"", key)));
  }
  VqaFiles files;
  const OrderedJson good = files.annotations["annotations"][1];
  OrderedJson& record = files.annotations["annotations"][1];
  record["answers"] = OrderedJson::array();
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("question_id 71: "));
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("the annotation that ends here has no answers"));
  record = good;
  record["answers"][3].erase("answer");
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("annotations[1]: "));
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("has no \"answer\""));
  record = good;
  record["answers"][3]["answer_id"] = std::int64_t{1} << 40;
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("answer_id is out of range"));
  record["answers"][3] = "yes";
  EXPECT_THAT(annotation_error(files.annotations), HasSubstr("expected an object"));
}

TEST(VqaJson, PredictionsAreAListOrLines) {
  for (const char* text :
       {R"([{"question_id": 1, "answer": "yes"}, {"answer": "a\"b", "question_id": 2, "score": 0.5}])",
        "{\"question_id\": 1, \"answer\": \"yes\"}\n\n{\"answer\": \"a\\\"b\", \"question_id\": 2}\r\n"
        "{\"question_id\": 3, \"answer\": null, \"refused\": \"x\"}"}) {
    const VqaPredictionFile file = read_vqa_predictions(*bytes(text));
    ASSERT_EQ(file.predictions.size(), 2U) << text;
    EXPECT_EQ(file.predictions[0].answer, "yes");
    EXPECT_EQ(file.predictions[1].question_id, 2);
    EXPECT_EQ(file.predictions[1].answer, "a\"b");
    EXPECT_EQ(file.refused, text[0] == '{' ? 1U : 0U);
  }
}

TEST(VqaJson, DamagedPredictionsAreNamed) {
  EXPECT_EQ(prediction_error(R"([{"question_id": 1, "answer": 2}])"),
            "data: f.json: question_id 1: at byte 30: expected a string, found '2}]'");
  EXPECT_EQ(prediction_error(R"([{"answer": "x"}])"),
            R"(data: f.json: predictions[0]: at byte 16: the record that ends here has no "question_id")");
  EXPECT_EQ(prediction_error(R"([{"question_id": 1}])"),
            R"(data: f.json: question_id 1: at byte 19: the record that ends here has no "answer")");
  EXPECT_EQ(prediction_error("{\"question_id\": 1, \"answer\": \"a\"}\n{\"question_id\": 1"),
            "data: f.json: line 2: at byte 51: ends where ',' or '}' should stand");
  EXPECT_EQ(prediction_error("\"yes\""), "data: f.json: at byte 0: expected a list, found '\"yes\"'");
  EXPECT_EQ(prediction_error("question_id,answer\n1,yes\n"),
            "data: f.json: is not JSON; it starts with 'question_id,answer\\x0a1,yes\\x0a'");
}

TEST(VqaJson, ReadsTheRealSubset) {
  BTEVAL_REQUIRE_TEST_DATA(data);
  const auto folder = data / "vqa/vqav2_subset";
  const auto questions =
      read_vqa_questions(*Bytes::map_file(folder / "v2_OpenEnded_mscoco_train2014_valid8977_questions.json"));
  EXPECT_EQ(questions.questions.size(), 8977U);
  EXPECT_EQ(questions.data_subtype, "train2014");
  EXPECT_EQ(questions.questions[0].question, "What insurance company is a sponsor?");
  const auto file =
      read_vqa_annotations(*Bytes::map_file(folder / "v2_mscoco_train2014_valid8977_annotations.json"));
  EXPECT_EQ(file.annotations.annotations.size(), 8977U);
  EXPECT_EQ(file.annotations.answers.size(), 89770U);
  for (const char* odd : {"odd/lfs_pointer.dataset_coco.json", "odd/plain_text_notice.captions_val2014.json",
                          "odd/string_ids.captions_val2014.json"}) {
    const auto bytes = Bytes::map_file(data / odd);
    EXPECT_THAT(error_of([&] { read_vqa_questions(*bytes); }), StartsWith("data: " + bytes->name())) << odd;
  }
}

}  // namespace
}  // namespace bteval::datasets
