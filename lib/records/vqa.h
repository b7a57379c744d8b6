// Questions, human answers and predictions of VQAv2. Field names are those of the official files
// (https://visualqa.org/vqa_v2_teaser.html, "VQA Annotation Format").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "records/string_pool.h"

namespace bteval::records {

struct VqaQuestion {
  std::int64_t question_id = 0;
  std::int64_t image_id = 0;
  std::string question;
};

/// One person's answer. Strings are numbers of VqaAnnotations::strings.
struct VqaAnswer {
  StringPool::Id answer = 0;
  StringPool::Id confidence = 0;          ///< "yes", "maybe", "no"; "" where the record has none
  std::optional<std::int32_t> answer_id;  ///< 1 to 10 in the official files

  friend bool operator==(const VqaAnswer&, const VqaAnswer&) = default;
};

/// What people said about one question. Strings are numbers of VqaAnnotations::strings.
struct VqaAnnotation {
  std::int64_t question_id = 0;
  std::int64_t image_id = 0;
  StringPool::Id question_type = 0;
  StringPool::Id answer_type = 0;
  StringPool::Id multiple_choice_answer = 0;
  std::uint32_t first_answer = 0;  ///< index into VqaAnnotations::answers
  std::uint32_t answer_count = 0;
};

/// An annotation file, in file order. Two million answers repeat a few ten thousand strings, so that each is
/// stored (and later normalised) once.
struct VqaAnnotations {
  StringPool strings;
  std::vector<VqaAnnotation> annotations;
  std::vector<VqaAnswer> answers;

  std::span<const VqaAnswer> answers_of(const VqaAnnotation& annotation) const {
    return std::span(answers).subspan(annotation.first_answer, annotation.answer_count);
  }
};

struct VqaPrediction {
  std::int64_t question_id = 0;
  std::string answer;
};

}  // namespace bteval::records
