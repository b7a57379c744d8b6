// Annotations that tests write down by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records/vqa.h"

namespace bteval::testing {

/// Answers with distinct ids from 1 on and confidence "yes".
class VqaFixture {
 public:
  std::size_t add(const std::vector<std::string>& answers, const std::string& answer_type = "other",
                  const std::string& question_type = "what") {
    begin(answer_type, question_type);
    std::int32_t id = 0;
    for (const std::string& answer : answers) add_answer(answer, "yes", ++id);
    return annotations.annotations.size() - 1;
  }

  void begin(const std::string& answer_type, const std::string& question_type) {
    records::VqaAnnotation annotation;
    annotation.question_id = static_cast<std::int64_t>(annotations.annotations.size());
    annotation.answer_type = annotations.strings.intern(answer_type);
    annotation.question_type = annotations.strings.intern(question_type);
    annotation.first_answer = static_cast<std::uint32_t>(annotations.answers.size());
    annotations.annotations.push_back(annotation);
  }

  void add_answer(const std::string& answer, const std::string& confidence, std::optional<std::int32_t> id) {
    annotations.answers.push_back(
        {annotations.strings.intern(answer), annotations.strings.intern(confidence), id});
    ++annotations.annotations.back().answer_count;
  }

  records::VqaAnnotations annotations;
};

/// `counts` copies of each answer, in this order.
inline std::vector<std::string> repeated(const std::vector<std::pair<std::string, int>>& counts) {
  std::vector<std::string> out;
  for (const auto& [answer, count] : counts) out.insert(out.end(), static_cast<std::size_t>(count), answer);
  return out;
}

}  // namespace bteval::testing
