// Predictions for SNLI-VE, anybody's or a run's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "datasets/id_alignment.h"
#include "records/sample.h"
#include "records/snli_ve.h"

namespace bteval::datasets {

/// Predictions in file order.
struct SnliVePredictionFile {
  std::vector<records::SnliVePrediction> predictions;
  std::uint64_t refused = 0;  ///< records whose prediction is null: samples that a run of bteval refused
};

/// JSON lines or a JSON list of `{"pairID": "2248275918.jpg#2r1c", "prediction": "contradiction"}`.
/// Error(kData) naming file, record and offset where the text is malformed, a member is missing, or the
/// prediction is no class.
SnliVePredictionFile read_snli_ve_predictions(const Bytes& file);

/// Aligns the predictions read from the file called `name` with the pairs. Error(kData) naming the first ids
/// where a pair has two predictions; where a pair has none or a prediction no pair, too, unless
/// `allow_partial`; where nothing is left in any case.
IdAlignment align_snli_ve_predictions(const records::SampleSet& samples,
                                      const SnliVePredictionFile& predictions, const std::string& name,
                                      bool allow_partial = false);

}  // namespace bteval::datasets
