// The score of one predicted answer against the answers that people gave, in three named variants.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "records/string_pool.h"
#include "records/vqa.h"

namespace bteval::metrics {

/// Variants whose numbers must not be compared with each other.
enum class VqaVariant {
  /// GT-Vision-Lab/VQA as of 2021-03-11: all answers are cleaned; where the human answers are not all equal,
  /// all of
  /// them and the prediction are normalised, else nobody's is.
  kOfficial2021,
  /// What that repository held before, and ALBEF and LAVIS bundle: the prediction is always normalised, the
  /// human
  /// answers lose their punctuation only, and only where they are not all equal.
  kPre2021,
  /// What METER and BridgeTower log while training: the soft target of the predicted label, over the
  /// questions with at
  /// least one answer in the vocabulary. Human answers are compared as they stand.
  kLabelScore,
};

inline constexpr VqaVariant kVqaVariants[] = {VqaVariant::kOfficial2021, VqaVariant::kPre2021,
                                              VqaVariant::kLabelScore};

/// "official-2021", "pre-2021", "label-score".
std::string_view vqa_variant_name(VqaVariant variant);
/// The variant of that name; Error(kUsage) listing the names where there is none.
VqaVariant vqa_variant(std::string_view name);

/// Scores answers. Distinct human answers are normalised once, when it is made; scoring is safe from several
/// threads.
class VqaScorer {
 public:
  /// `annotations` must outlive the scorer. `vocabulary` is needed by kLabelScore alone: Error(kUsage) where
  /// that has none.
  VqaScorer(const records::VqaAnnotations& annotations, VqaVariant variant,
            std::span<const std::string> vocabulary = {});

  /// Score from 0 to 1 of a prediction for annotations.annotations[index]; nothing where the variant leaves
  /// the question out.
  ///
  /// Both official variants take, for each human, min(1, matches among the others / 3), and the mean over the
  /// humans, added up in file order as the original does. A human is left out of "the others" together with
  /// every record that is equal to that human's in answer, confidence and id.
  std::optional<double> score(std::size_t index, std::string_view prediction) const;

  VqaVariant variant() const { return variant_; }

 private:
  using Id = records::StringPool::Id;

  double official_score(const records::VqaAnnotation& annotation, std::string_view prediction) const;
  std::optional<double> label_score(const records::VqaAnnotation& annotation,
                                    std::string_view prediction) const;

  const records::VqaAnnotations& annotations_;
  VqaVariant variant_;
  records::StringPool forms_;        // what answers look like when they are compared
  std::vector<Id> plain_form_;       // by string of the annotations: its form where all humans agree
  std::vector<Id> normalised_form_;  // … and where they do not
  std::vector<bool> in_vocabulary_;  // by string of the annotations
};

}  // namespace bteval::metrics
