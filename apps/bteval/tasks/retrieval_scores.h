// The score file of a retrieval evaluation, scores.safetensors: docs/retrieval.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/bytes.h"
#include "records/retrieval.h"

namespace bteval::app {

/// What a score file says about where its scores come from.
struct RetrievalScoreInfo {
  std::string dataset;          ///< "flickr30k", "coco"
  std::string split;            ///< "test"
  std::string captions_sha256;  ///< datasets::Retrieval::captions_sha256: which captions, in which order
  std::string head;  ///< what RetrievalScores::dense and ScoredPair::cross are: "itm_score", "rank_output";
                     ///< "" for none
  std::map<std::string, std::string> run;  ///< anything else worth keeping: digest of the weights, signature
};

struct RetrievalScoreFile {
  records::RetrievalScores scores;
  RetrievalScoreInfo info;
};

/// Writes what is there: image_embeddings [num_images, D] and text_embeddings [num_captions, D] float32;
/// pair_image, pair_caption int32, pair_itc, pair_cross float32 and pair_directions uint8, all [pairs];
/// scores [num_images, num_captions] float32 or float64 (transposed where the matrix is caption-major); and
/// `info` as metadata. Streams, so that no second copy is in memory; the file appears when it is complete.
///
/// Error(kInternal) where sizes contradict each other, Error(kData) naming the path where it cannot be
/// written.
void write_retrieval_scores(const std::filesystem::path& path, const records::RetrievalScores& scores,
                            const RetrievalScoreInfo& info);

/// Whether the bytes are a file that write_retrieval_scores() has written.
bool is_retrieval_score_file(const std::shared_ptr<const Bytes>& bytes);

/// Reads it back; the dense matrix stays a view of the file. Error(kData) naming file and tensor for what is
/// missing, misshapen or out of range, and for pairs that are not in order.
RetrievalScoreFile read_retrieval_scores(const std::shared_ptr<const Bytes>& bytes);

}  // namespace bteval::app
