#include "tasks/score_vqav2.h"

#include <span>

#include "core/error.h"
#include "core/rounding.h"
#include "datasets/source.h"
#include "datasets/vqa_alignment.h"
#include "datasets/vqa_vocabulary.h"
#include "datasets/vqav2.h"
#include "reports/score_json.h"
#include "tasks/score_result.h"

namespace bteval::app {

Vqav2ScoreResult score_vqav2(const ScoreVqav2Options& options) {
  const metrics::VqaVariant variant = metrics::vqa_variant(options.scorer);
  std::optional<datasets::AnswerVocabulary> vocabulary;
  if (!options.vocabulary.empty()) vocabulary = datasets::AnswerVocabulary::read(options.vocabulary);
  if (variant == metrics::VqaVariant::kLabelScore && !vocabulary) {
    throw Error(ErrorCode::kUsage,
                "the scorer label-score needs the answers of the model: --vocabulary FILE");
  }
  datasets::HashedFile prediction_file("predictions", options.predictions);
  datasets::Vqav2 data = datasets::open_vqav2_files(options.questions, options.annotations);
  const datasets::VqaPredictionFile read = datasets::read_vqa_predictions(prediction_file.bytes());
  const auto& sheet = data.sheet;
  const datasets::IdAlignment alignment = datasets::align_vqa_predictions(
      sheet.question_ids, read, prediction_file.bytes().name(), options.allow_partial);

  const metrics::VqaScorer scorer(
      *sheet.annotations, variant,
      vocabulary ? std::span(vocabulary->answers()) : std::span<const std::string>());
  metrics::VqaAccuracy accuracy(*sheet.annotations, variant);
  Vqav2ScoreResult result;
  for (std::size_t question = 0; question < sheet.question_ids.size(); ++question) {
    result.per_question.push_back({sheet.question_ids[question], std::nullopt});
    const auto position = alignment.prediction_of_sample[question];
    const std::uint32_t annotation = sheet.annotation_of_question[question];
    if (!position) {
      if (question < options.wrong_where_missing && scorer.score(annotation, ""))
        accuracy.add(annotation, 0.0);
      continue;
    }
    const auto score = scorer.score(annotation, read.predictions[*position].answer);
    if (!score) {
      ++result.excluded;
      continue;
    }
    accuracy.add(annotation, *score);
    result.per_question.back().percent = 100 * *score;
  }
  result.score = accuracy.value();
  result.data_subtype = data.data_subtype;
  result.files = data.files;
  if (variant == metrics::VqaVariant::kLabelScore) {
    result.files.push_back({"vocabulary", options.vocabulary.string(), vocabulary->sha256(), 0});
  }
  result.questions = sheet.question_ids.size();
  result.predictions = read.predictions.size();
  result.scored = static_cast<std::uint64_t>(result.score.overall.count);
  result.missing = alignment.missing;
  result.unknown = alignment.unknown;
  // What a scorer leaves out is no part that is missing.
  const std::uint64_t of = result.missing > 0 ? result.questions : 0;
  result.signature = score_signature("vqav2", result.data_subtype, result.score, of, result.files);
  result.files.push_back(prediction_file.source());
  return result;
}

OrderedJson to_json(const Vqav2ScoreResult& result) {
  return {{"task", "vqav2"},
          {"split", result.data_subtype},
          {"signature", result.signature},
          {"score", reports::score_to_json(result.score)},
          {"counts",
           {{"questions", result.questions},
            {"predictions", result.predictions},
            {"scored", result.scored},
            {"missing", result.missing},
            {"unknown", result.unknown},
            {"excluded", result.excluded}}},
          {"files", files_to_json(result.files)}};
}

std::string per_question_json(const Vqav2ScoreResult& result) {
  std::string out = "{";
  for (const Vqav2ScoreResult::PerQuestion& question : result.per_question) {
    if (!question.percent) continue;
    out += fmt::format("{}\"{}\": {}", out.size() == 1 ? "" : ", ", question.question_id,
                       OrderedJson(round_decimals(*question.percent, 2)).dump());
  }
  return out + "}\n";
}

}  // namespace bteval::app
