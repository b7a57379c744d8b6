// Which prediction belongs to which question.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/vqa_json.h"

namespace bteval::datasets {

struct VqaAlignment {
  /// By question: the position of its prediction.
  std::vector<std::optional<std::uint32_t>> prediction_of_question;
  std::uint64_t answered = 0;
  std::uint64_t missing = 0;  ///< questions without a prediction
  std::uint64_t unknown = 0;  ///< predictions for other questions, which are left out
};

/// Aligns the predictions read from the file called `name` with the questions. Error(kData) naming the first
/// ids where a question has two predictions; where a question has none or a prediction no question, too,
/// unless `allow_partial`; where nothing is left in any case.
VqaAlignment align_vqa_predictions(std::span<const std::int64_t> question_ids,
                                   const VqaPredictionFile& predictions, const std::string& name,
                                   bool allow_partial = false);

}  // namespace bteval::datasets
