// The first answers of every query, in order: what run files hold.
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/retrieval_score.h"

namespace bteval::metrics {

struct RankedAnswer {
  std::uint32_t index = 0;  ///< of the caption (text retrieval) or image (image retrieval)
  double score = 0;

  friend bool operator==(const RankedAnswer&, const RankedAnswer&) = default;
};

/// By query, by score descending, then by index.
struct TopAnswers {
  std::vector<std::vector<RankedAnswer>> text;   ///< by image
  std::vector<std::vector<RankedAnswer>> image;  ///< by caption
};

/// At most `depth` answers a query; with candidate pairs only candidates, however few. Error as
/// rank_retrieval(), which should have accepted the scores: NaN is not looked for again.
TopAnswers top_answers(const records::RetrievalScores& scores, const RetrievalLabels& labels,
                       RetrievalProtocol protocol, std::uint32_t depth);

}  // namespace bteval::metrics
