// Which prediction belongs to which question.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "datasets/id_alignment.h"
#include "datasets/vqa_json.h"

namespace bteval::datasets {

/// Aligns the predictions read from the file called `name` with the questions. Error(kData) naming the first
/// ids where a question has two predictions; where a question has none or a prediction no question, too,
/// unless `allow_partial`; where nothing is left in any case.
IdAlignment align_vqa_predictions(std::span<const std::int64_t> question_ids,
                                  const VqaPredictionFile& predictions, const std::string& name,
                                  bool allow_partial = false);

}  // namespace bteval::datasets
