// predictions.jsonl of a retrieval run.
#pragma once

#include <cstdint>
#include <string>

#include "metrics/retrieval_score.h"
#include "records/retrieval.h"
#include "records/sample.h"

namespace bteval::app {

/// One line an image, then one a caption, each in the data set's order:
///
///     {"image_id": "…", "rank": 1, "captions": ["…", …], "scores": […]}
///     {"caption_id": "…", "rank": 3, "images": ["…", …], "scores": […]}
///
/// The first `depth` answers with their scores, best first (candidates only, where the protocol has such),
/// and the rank, from 1, of the first right answer under the tie rule.
std::string retrieval_prediction_lines(const records::RetrievalScores& scores,
                                       const metrics::RetrievalLabels& labels,
                                       const records::SampleSet& samples,
                                       const metrics::RetrievalScoring& scoring, std::uint32_t depth);

}  // namespace bteval::app
