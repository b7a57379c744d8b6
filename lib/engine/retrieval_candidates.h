// The pairs that BridgeTower's two-stage retrieval hands to the cross-modal layers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "records/retrieval.h"

namespace bteval::engine {

/// The union of every image's `k` most similar captions and every caption's `k` most similar images, each
/// pair once with its similarity and its directions, sorted by image and caption. More similar comes first,
/// among equal ones the lower index; a k above the number there is takes all. Reads the embeddings and the
/// sizes of `scores`, and computes `images_per_block` rows of their similarity matrix at a time (0: 32 for
/// each compute thread), which never changes the result.
///
/// Error(kCheckpoint) where an embedding is not finite; Error(kUsage) for k = 0.
std::vector<records::ScoredPair> find_candidates(const records::RetrievalScores& scores, std::uint32_t k,
                                                 std::uint32_t images_per_block = 0);

}  // namespace bteval::engine
