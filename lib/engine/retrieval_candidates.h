// The pairs that BridgeTower's two-stage retrieval hands to the cross-modal layers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "records/retrieval.h"

namespace bteval::engine {

/// Tiles of the similarity matrix that are computed at a time: memory, never results.
struct SimilarityTiles {
  std::uint32_t images = 256;
  std::uint32_t captions = 2048;
};

/// The union of every image's `k` most similar captions and every caption's `k` most similar images, each
/// pair once with its similarity and its directions, sorted by image and caption. More similar comes first,
/// among equal ones the lower index; a k above the number there is takes all. Reads the embeddings and the
/// sizes of `scores`; their similarity matrix is never held as a whole.
///
/// Error(kCheckpoint) where an embedding is not finite; Error(kUsage) for k = 0.
std::vector<records::ScoredPair> find_candidates(const records::RetrievalScores& scores, std::uint32_t k,
                                                 const SimilarityTiles& tiles = {});

}  // namespace bteval::engine
