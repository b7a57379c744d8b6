#include "datasets/vqa_json.h"

#include <optional>
#include <utility>

#include "datasets/json_fields.h"
#include "datasets/json_records.h"

namespace bteval::datasets {
namespace {

using records::VqaAnnotation;
using records::VqaAnnotations;
using records::VqaAnswer;
using records::VqaPrediction;
using records::VqaQuestion;

constexpr const char* kQuestionId = "question_id";

// Reads {"data_subtype": …, LIST: [record, …], …}; `read_record` reads one record and notes its id when it
// sees it.
template <typename ReadRecord>
std::string read_envelope(const Bytes& file, const char* list, const char* kind,
                          const ReadRecord& read_record) {
  JsonReader reader(file.text(), file.name());
  std::string data_subtype;
  std::string other_keys;
  bool found = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == list && !found) {
      found = true;
      reader.enter_array();
      for (std::size_t index = 0; reader.next_element(); ++index) {
        std::optional<std::int64_t> id;
        try {
          read_record(reader, id);
        } catch (const Error& error) {
          throw error.with_context({"", record_name(list, index, kQuestionId, id), std::nullopt});
        }
      }
    } else if (key == "data_subtype") {
      data_subtype = reader.read_string();
    } else {
      other_keys += fmt::format("{}\"{}\"", other_keys.empty() ? "" : ", ", key);
      reader.skip();
    }
  }
  reader.finish();
  if (!found) {
    throw Error(ErrorCode::kData,
                fmt::format("has no \"{}\", so it is no {} file of VQAv2; it has {}", list, kind,
                            other_keys.empty() ? "nothing else" : printable(other_keys)),
                {file.name(), "", std::nullopt});
  }
  return data_subtype;
}

VqaQuestion read_question(JsonReader& reader, std::optional<std::int64_t>& id) {
  VqaQuestion question;
  bool has_image = false;
  bool has_question = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == kQuestionId) {
      id = question.question_id = read_id(reader);
    } else if (key == "image_id") {
      question.image_id = read_id(reader);
      has_image = true;
    } else if (key == "question") {
      question.question = reader.read_string();
      has_question = true;
    } else {
      reader.skip();
    }
  }
  require_member(reader, id.has_value(), kQuestionId);
  require_member(reader, has_image, "image_id");
  require_member(reader, has_question, "question");
  if (!has_text(question.question)) reader.fail("the question that ends here is empty", reader.offset());
  return question;
}

// `previous` is what people answered before: probably the same.
VqaAnswer read_answer(JsonReader& reader, records::StringPool& strings, const VqaAnswer& previous) {
  VqaAnswer answer;
  std::optional<records::StringPool::Id> text;
  std::optional<records::StringPool::Id> confidence;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == "answer") {
      text = strings.intern(reader.read_string(), previous.answer);
    } else if (key == "answer_confidence") {
      confidence = strings.intern(reader.read_string(), previous.confidence);
    } else if (key == "answer_id") {
      const std::size_t offset = reader.offset();
      const std::int64_t answer_id = read_id(reader);
      if (!std::in_range<std::int32_t>(answer_id)) reader.fail("answer_id is out of range", offset);
      answer.answer_id = static_cast<std::int32_t>(answer_id);
    } else {
      reader.skip();
    }
  }
  require_member(reader, text.has_value(), "answer");
  answer.answer = *text;
  answer.confidence = confidence ? *confidence : strings.intern("");
  return answer;
}

void read_annotation(JsonReader& reader, VqaAnnotations& out, std::optional<std::int64_t>& id) {
  VqaAnnotation annotation;
  std::optional<std::int64_t> image_id;
  std::optional<records::StringPool::Id> question_type;
  std::optional<records::StringPool::Id> answer_type;
  std::optional<records::StringPool::Id> choice;
  const std::size_t first = out.answers.size();
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == kQuestionId) {
      id = annotation.question_id = read_id(reader);
    } else if (key == "image_id") {
      image_id = read_id(reader);
    } else if (key == "question_type") {
      question_type = out.strings.intern(reader.read_string());
    } else if (key == "answer_type") {
      answer_type = out.strings.intern(reader.read_string());
    } else if (key == "multiple_choice_answer") {
      choice = out.strings.intern(reader.read_string());
    } else if (key == "answers") {
      out.answers.resize(first);  // where a record has the member twice, the last one counts, as in Python
      reader.enter_array();
      while (reader.next_element()) {
        const VqaAnswer previous = out.answers.empty() ? VqaAnswer{} : out.answers.back();
        out.answers.push_back(read_answer(reader, out.strings, previous));
      }
    } else {
      reader.skip();
    }
  }
  require_member(reader, id.has_value(), kQuestionId);
  require_member(reader, image_id.has_value(), "image_id");
  require_member(reader, question_type.has_value(), "question_type");
  require_member(reader, answer_type.has_value(), "answer_type");
  require_member(reader, choice.has_value(), "multiple_choice_answer");
  if (out.answers.size() == first)
    reader.fail("the annotation that ends here has no answers", reader.offset());
  if (!std::in_range<std::uint32_t>(out.answers.size())) reader.fail("has too many answers", reader.offset());
  annotation.image_id = *image_id;
  annotation.question_type = *question_type;
  annotation.answer_type = *answer_type;
  annotation.multiple_choice_answer = *choice;
  annotation.first_answer = static_cast<std::uint32_t>(first);
  annotation.answer_count = static_cast<std::uint32_t>(out.answers.size() - first);
  out.annotations.push_back(annotation);
}

void read_prediction(JsonReader& reader, VqaPredictionFile& out, std::optional<std::int64_t>& id) {
  VqaPrediction prediction;
  bool has_answer = false;
  bool refused = false;
  reader.enter_object();
  std::string_view key;
  while (reader.next_key(key)) {
    if (key == kQuestionId) {
      id = prediction.question_id = read_id(reader);
    } else if (key == "answer") {
      refused = reader.peek() == JsonReader::Type::kNull;
      if (refused) {
        reader.skip();
      } else {
        prediction.answer = reader.read_string();
      }
      has_answer = true;
    } else {
      reader.skip();
    }
  }
  require_member(reader, id.has_value(), kQuestionId);
  require_member(reader, has_answer, "answer");
  if (refused) {
    ++out.refused;
  } else {
    out.predictions.push_back(std::move(prediction));
  }
}

}  // namespace

VqaQuestionFile read_vqa_questions(const Bytes& file) {
  VqaQuestionFile out;
  out.data_subtype = read_envelope(file, "questions", "question", [&](JsonReader& reader, auto& id) {
    out.questions.push_back(read_question(reader, id));
  });
  return out;
}

VqaAnnotationFile read_vqa_annotations(const Bytes& file) {
  VqaAnnotationFile out;
  out.data_subtype = read_envelope(file, "annotations", "annotation", [&](JsonReader& reader, auto& id) {
    read_annotation(reader, out.annotations, id);
  });
  return out;
}

VqaPredictionFile read_vqa_predictions(const Bytes& file) {
  VqaPredictionFile out;
  if (first_character(file) == '{') {
    read_json_lines(file, [&](JsonReader& lines, std::string&) {
      std::optional<std::int64_t> id;
      read_prediction(lines, out, id);
    });
    return out;
  }
  JsonReader reader(file.text(), file.name());
  reader.enter_array();
  for (std::size_t index = 0; reader.next_element(); ++index) {
    std::optional<std::int64_t> id;
    try {
      read_prediction(reader, out, id);
    } catch (const Error& error) {
      throw error.with_context({"", record_name("predictions", index, kQuestionId, id), std::nullopt});
    }
  }
  reader.finish();
  return out;
}

}  // namespace bteval::datasets
