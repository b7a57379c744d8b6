// Retrieval scores under the published protocols: from what an evaluation computed to recalls.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/retrieval_ranks.h"
#include "metrics/retrieval_recall.h"
#include "records/retrieval.h"
#include "records/score.h"

namespace bteval::metrics {

/// Protocols whose numbers must not be compared with each other.
enum class RetrievalProtocol {
  /// BridgeTower: candidates are the top k captions of each image and the top k images of each caption by
  /// ITC;
  /// one matrix with the cross-modal score of their union and -100 elsewhere serves both directions.
  kItm,
  /// ALBEF: text retrieval knows only the images' candidates, image retrieval only the captions'; each has a
  /// matrix of its own.
  kAlbef,
  /// BLIP: as kAlbef, but the ITC similarity is added to the candidates' cross-modal score.
  kBlip,
  /// ITC similarity alone, of every pair.
  kItc,
  /// A score of every pair: rank_output or ITM without candidates, or a matrix of anybody's.
  kDense,
};

inline constexpr RetrievalProtocol kRetrievalProtocols[] = {
    RetrievalProtocol::kItm, RetrievalProtocol::kAlbef, RetrievalProtocol::kBlip, RetrievalProtocol::kItc,
    RetrievalProtocol::kDense};

/// "itm", "albef", "blip", "itc", "dense".
std::string_view retrieval_protocol_name(RetrievalProtocol protocol);
/// The protocol of that name; Error(kUsage) listing the names where there is none.
RetrievalProtocol retrieval_protocol(std::string_view name);

/// What the scores can be ranked by: kItm where there are pairs, else kDense, else kItc. Error(kData) where
/// there is nothing at all.
RetrievalProtocol default_protocol(const records::RetrievalScores& scores);

/// Ranks under a protocol. Error(kUsage) where the scores lack what it needs; else what rank_matrix(),
/// rank_pairs() and rank_embeddings() throw.
RetrievalRanks rank_retrieval(const records::RetrievalScores& scores, const RetrievalLabels& labels,
                              RetrievalProtocol protocol, unsigned threads = 0);

/// How COCO 1K cuts the split: consecutive folds of `fold_images` images, each with its images' first
/// `captions_per_image` captions (https://github.com/fartashf/vsepp, evaluation.py: five folds of 1,000
/// images with five captions each). Every number is the mean over the folds.
struct FoldOptions {
  std::uint32_t folds = 5;
  std::uint32_t fold_images = 1000;
  std::uint32_t captions_per_image = 5;
};

struct RetrievalScoring {
  RetrievalProtocol protocol = RetrievalProtocol::kItm;
  TieRule ties = TieRule::kId;
  bool whole = true;   ///< all images and captions: Flickr30K, COCO 5K
  bool folds = false;  ///< COCO 1K
  FoldOptions fold;
  unsigned threads = 0;
};

/// The recalls. Groups as append_recall_groups() makes them; those of folds have " 1K" (after the size of a
/// fold) in their names. The overall value is the mean of the six recalls, of the whole where it is asked
/// for.
///
/// Of candidate pairs a fold takes those whose image and caption both lie in it: candidates of the whole
/// split. Error(kUsage) where folds are asked for and the split has not exactly folds * fold_images images.
records::Score score_retrieval(const records::RetrievalScores& scores, const RetrievalLabels& labels,
                               const RetrievalScoring& options);

}  // namespace bteval::metrics
