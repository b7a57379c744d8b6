// Which prediction belongs to which sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/text_id_index.h"
#include "records/sample.h"

namespace bteval::datasets {

struct IdAlignment {
  /// By sample: the position of its prediction.
  std::vector<std::optional<std::uint32_t>> prediction_of_sample;
  std::uint64_t answered = 0;
  std::uint64_t missing = 0;  ///< samples without a prediction
  std::uint64_t unknown = 0;  ///< predictions for other samples, which are left out
};

/// What align_ids() must be told about both sides.
struct AlignmentSides {
  std::string file;     ///< name of the prediction file
  std::string samples;  ///< "questions"
  std::string key;      ///< "question_id"
  std::size_t num_predictions = 0;
  std::uint64_t refused = 0;  ///< predictions that a run of bteval refused to make
  std::function<std::string(std::size_t)> sample_id;
  std::function<std::string(std::size_t)> prediction_id;
};

/// What is allowed to be left over.
struct AlignmentRules {
  bool allow_missing = false;
  bool allow_unknown = false;
};

/// Counts what fits together, given the position of each sample's prediction. Error(kData) naming the first
/// ids where something is left over that must not be; where nothing fits in any case.
IdAlignment align_ids(std::vector<std::optional<std::uint32_t>> prediction_of_sample,
                      const AlignmentSides& sides, AlignmentRules rules);

/// The same for samples whose ids are strings; `index` holds the predictions' ids.
IdAlignment align_ids(const records::SampleSet& samples, const TextIdIndex& index,
                      const AlignmentSides& sides, AlignmentRules rules);

}  // namespace bteval::datasets
