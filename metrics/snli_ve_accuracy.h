// Accuracy of SNLI-VE, per class, with the confusion matrix and the macro-averaged F1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "records/score.h"
#include "records/snli_ve.h"

namespace bteval::metrics {

/// Counts (gold, predicted) pairs; the order of adding does not matter.
class SnliVeAccuracy {
 public:
  /// Without a prediction the sample is wrong.
  void add(records::SnliVeClass gold, std::optional<records::SnliVeClass> predicted);
  void merge(const SnliVeAccuracy& other);
  std::int64_t count() const;

  /// Unrounded percentages. Overall accuracy; groups "accuracy by class" (of the samples of that gold class:
  /// recall), "precision by class" (of the samples predicted as it; NaN where none is), "F1 by class"
  /// (2 tp / (2 tp + fp + fn)) and "macro" with the mean of F1 over the classes that occur as gold or
  /// predicted, as scikit-learn's f1_score(average="macro") has it. The matrix "confusion matrix" has gold
  /// classes as rows and predicted ones as columns, with a last column "none" where a prediction is missing.
  records::Score value() const;

 private:
  static constexpr std::size_t kClasses = records::kSnliVeClassNames.size();
  std::array<std::array<std::int64_t, kClasses + 1>, kClasses> counts_ = {};  // last column: no prediction
};

}  // namespace bteval::metrics
