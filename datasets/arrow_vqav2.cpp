#include <cmath>
#include <utility>

#include "datasets/arrow_source.h"
#include "datasets/arrow_splits.h"
#include "datasets/id_index.h"
#include "datasets/json_fields.h"
#include "datasets/vqav2_layout.h"

namespace bteval::datasets {
namespace {

// How many of ten people have to give an answer for its soft score: 0.3, 0.6, 0.9, and 1 for four or more.
std::uint32_t answers_for(double score, const ArrowTable& table, std::size_t row) {
  constexpr double kScores[] = {0.3, 0.6, 0.9, 1.0};
  for (std::uint32_t i = 0; i < std::size(kScores); ++i) {
    if (std::abs(score - kScores[i]) < 1e-6) return i + 1;
  }
  table.fail(row, fmt::format("the answer score {} is none of 0.3, 0.6, 0.9, 1", score));
}

// One question's part of a row.
struct SoftAnswers {
  std::vector<std::string> answers;
  std::vector<double> scores;
};

void add_annotation(std::int64_t question_id, std::int64_t image_id, const SoftAnswers& soft,
                    const ArrowTable& table, std::size_t row, records::VqaAnnotations& out) {
  records::VqaAnnotation annotation;
  annotation.question_id = question_id;
  annotation.image_id = image_id;
  annotation.question_type = annotation.answer_type = out.strings.intern("unknown");
  annotation.first_answer = static_cast<std::uint32_t>(out.answers.size());
  std::size_t best = 0;
  for (std::size_t i = 0; i < soft.answers.size(); ++i) {
    if (soft.scores[i] > soft.scores[best]) best = i;
    const records::VqaAnswer answer{out.strings.intern(soft.answers[i]), out.strings.intern(""),
                                    std::nullopt};
    out.answers.insert(out.answers.end(), answers_for(soft.scores[i], table, row), answer);
  }
  annotation.multiple_choice_answer = out.strings.intern(soft.answers.empty() ? "" : soft.answers[best]);
  annotation.answer_count = static_cast<std::uint32_t>(out.answers.size()) - annotation.first_answer;
  out.annotations.push_back(annotation);
}

// The row's answers by question; empty in splits without answers.
std::vector<SoftAnswers> soft_answers(const ArrowTable& table, std::size_t row, std::size_t questions) {
  std::vector<std::vector<std::string>> answers = table.text_lists("answers", row);
  std::vector<std::vector<double>> scores = table.number_lists("answer_scores", row);
  if (answers.size() != scores.size() || (!answers.empty() && answers.size() != questions)) {
    table.fail(row, fmt::format("has {} questions, answers to {} and scores for {}", questions,
                                answers.size(), scores.size()));
  }
  std::vector<SoftAnswers> out;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].size() != scores[i].size()) {
      table.fail(row, fmt::format("question {} has {} answers and {} scores", i, answers[i].size(),
                                  scores[i].size()));
    }
    out.push_back({std::move(answers[i]), std::move(scores[i])});
  }
  return out;
}

void add_row(const ArrowSource& source, std::size_t row, records::VqaAnnotations& annotations, Vqav2& out) {
  const ArrowTable& table = source.table();
  const std::int64_t image_id = table.integer("image_id", row);
  std::vector<std::string> questions = table.texts("questions", row);
  const std::vector<std::int64_t> ids = table.integers("question_id", row);
  if (questions.size() != ids.size()) {
    table.fail(row, fmt::format("has {} questions and {} question ids", questions.size(), ids.size()));
  }
  const std::vector<SoftAnswers> soft = soft_answers(table, row, questions.size());
  const auto image = static_cast<std::uint32_t>(out.samples.images.size());
  out.samples.images.push_back(source.image(std::to_string(image_id), "image", row));
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!has_text(questions[i])) table.fail(row, fmt::format("question {} is empty", i));
    out.sheet.question_ids.push_back(ids[i]);
    out.samples.samples.push_back({std::to_string(ids[i]), std::move(questions[i]), {image}});
    if (!soft.empty()) add_annotation(ids[i], image_id, soft[i], table, row, annotations);
  }
}

}  // namespace

std::vector<std::string> vqav2_arrow_names(const std::string& split) {
  const std::string name = "vqav2_" + vqav2_split(split).name;
  return {name + "_fix", name};
}

Vqav2 open_vqav2_arrow(const std::filesystem::path& path, const std::string& split) {
  ArrowSource source(path);
  Vqav2 out;
  out.split = split;
  out.data_subtype = vqav2_split(split).file_name;
  out.samples.owners.push_back(source.owner());
  records::VqaAnnotations annotations;
  for (std::size_t row = 0; row < source->num_rows(); ++row) add_row(source, row, annotations, out);
  const std::size_t questions = out.sheet.question_ids.size();
  if (questions == 0) throw Error(ErrorCode::kData, "has no questions", {source->name(), "", std::nullopt});
  const IdIndex unique(out.sheet.question_ids, source->name(), "question_id");
  if (!annotations.annotations.empty()) {
    if (annotations.annotations.size() != questions) {
      throw Error(ErrorCode::kData, "some rows have answers, others none",
                  {source->name(), "", std::nullopt});
    }
    for (std::uint32_t i = 0; i < questions; ++i) out.sheet.annotation_of_question.push_back(i);
    out.sheet.annotations = std::move(annotations);
    out.sheet.soft_scores_only = true;
  }
  out.files.push_back(source.source());
  return out;
}

}  // namespace bteval::datasets
