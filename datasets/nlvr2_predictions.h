// Predictions for NLVR2, as the official scorer takes them or as bteval writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "datasets/id_alignment.h"
#include "records/nlvr2.h"
#include "records/sample.h"

namespace bteval::datasets {

/// Predictions in file order.
struct Nlvr2PredictionFile {
  std::vector<records::Nlvr2Prediction> predictions;
  std::uint64_t refused = 0;  ///< records whose prediction is null: samples that a run of bteval refused
};

/// Lines `identifier,prediction` without a header (nlvr2/eval/metrics.py of lil-lab/nlvr), or JSON lines or a
/// JSON list of `{"identifier": "dev-850-0-1", "prediction": "True"}`. Case does not count; what follows a
/// second comma is ignored, as the official scorer does. Error(kData) naming file, record and offset for
/// predictions that are neither true nor false (the official scorer counts them as wrong), and for a blank
/// line in a CSV (the official scorer ends there).
Nlvr2PredictionFile read_nlvr2_predictions(const Bytes& file);

/// Aligns the predictions read from the file called `name` with the examples. Predictions for other examples
/// are left out and counted, as the official scorer does. Error(kData) naming the first ids where an example
/// has two predictions, or none unless `allow_partial`, and where nothing is left.
IdAlignment align_nlvr2_predictions(const records::SampleSet& samples, const Nlvr2PredictionFile& predictions,
                                    const std::string& name, bool allow_partial = false);

}  // namespace bteval::datasets
