// VQA accuracy over a split: overall, by answer type, by question type.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "metrics/vqa_scorer.h"
#include "records/score.h"
#include "records/vqa.h"

namespace bteval::metrics {

/// Collects the scores of single questions. One double a question is kept and added up in annotation order
/// when the value is asked for, so that the result is bit by bit that of the official scorer's loop, in
/// whatever order and in however many shards the scores come in.
class VqaAccuracy {
 public:
  /// `annotations` must outlive the object.
  VqaAccuracy(const records::VqaAnnotations& annotations, VqaVariant variant);

  /// Notes the score (0 to 1) of annotations.annotations[index]. Error(kInternal) where it has one already.
  void add(std::size_t index, double score);
  /// Takes over the scores of another shard of the same annotations. Error(kInternal) where one question is
  /// in both, or the annotations or variants are not the same.
  void merge(const VqaAccuracy& other);

  /// What was added for a question.
  std::optional<double> score(std::size_t index) const;
  /// Number of questions with a score.
  std::size_t count() const;

  /// Unrounded percentages; groups "by answer type" and "by question type", each sorted by name. The official
  /// scorer prints them rounded to two decimals as Python does (core/rounding.h). NaN where nothing was
  /// added.
  records::Score value() const;

 private:
  const records::VqaAnnotations* annotations_;
  VqaVariant variant_;
  std::vector<double> scores_;  // NaN: none yet
};

}  // namespace bteval::metrics
