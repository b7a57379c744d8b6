// samples.jsonl of a retrieval run.
#pragma once

#include "metrics/retrieval_score.h"
#include "records/retrieval.h"
#include "records/sample.h"
#include "reports/sample_results.h"

namespace bteval::app {

/// Adds one result a query: first "image:<id>" for every image (its text is empty, the prediction the best
/// caption's text, the targets its own captions), then "caption:<id>" for every caption (prediction and
/// target are image ids). The value is R@1, the rank that of the best right answer under the tie rule; the
/// cluster is the image; the slice "direction" is "image to text" or "text to image".
void add_retrieval_samples(const records::RetrievalScores& scores, const metrics::RetrievalLabels& labels,
                           const records::SampleSet& samples, const metrics::RetrievalScoring& scoring,
                           reports::SampleResultWriter& writer);

}  // namespace bteval::app
