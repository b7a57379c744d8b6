// Recall at 1, 5 and 10, median and mean rank, from ranks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/retrieval_ranks.h"
#include "records/score.h"

namespace bteval::metrics {

/// Where a right answer stands among wrong ones with the same score.
enum class TieRule {
  kId,           ///< by score descending, then by index: the default
  kOptimistic,   ///< before all of them
  kPessimistic,  ///< behind all of them
};

/// "id", "optimistic", "pessimistic".
std::string_view tie_rule_name(TieRule rule);
/// The rule of that name; Error(kUsage) listing the names where there is none.
TieRule tie_rule(std::string_view name);

/// Rank from 0.
std::uint32_t rank_of(const RankCounts& counts, TieRule rule);

/// The numbers of one direction. Medians are rounded down, as vsepp's evaluation does; both ranks count
/// from 1.
struct RecallValues {
  static constexpr std::uint32_t kDepths[] = {1, 5, 10};

  double recall[std::size(kDepths)] = {};  ///< percent of the queries with the right answer in the first K
  double median_rank = 0;
  double mean_rank = 0;

  double mean_recall() const { return (recall[0] + recall[1] + recall[2]) / 3; }
};

/// Collects the ranks of queries. Merging shards gives what one pass gives.
class RankTally {
 public:
  void add(std::span<const RankCounts> ranks) { ranks_.insert(ranks_.end(), ranks.begin(), ranks.end()); }
  void merge(const RankTally& other) { add(other.ranks_); }

  std::int64_t count() const { return static_cast<std::int64_t>(ranks_.size()); }
  /// Queries with a rank below `depth`.
  std::int64_t hits(std::uint32_t depth, TieRule rule) const;
  /// Error(kInternal) where nothing was added.
  RecallValues value(TieRule rule) const;

 private:
  std::vector<RankCounts> ranks_;
};

/// Both directions of one set of images and captions.
struct RetrievalTally {
  RankTally text, image;

  void add(const RetrievalRanks& ranks) {
    text.add(ranks.text);
    image.add(ranks.image);
  }
  void merge(const RetrievalTally& other) {
    text.merge(other.text);
    image.merge(other.image);
  }
};

/// Appends the groups "text retrieval" (R@1, R@5, R@10, R mean, median rank, mean rank), "image retrieval"
/// (the same) and "both directions" (RSUM, the sum of the six recalls; R mean, their mean), each name with
/// `suffix`. With several tallies every number is the mean of theirs: COCO 1K. Where wrong answers that tie
/// with the right one decide about a recall, the groups come twice more, with ", optimistic" and ",
/// pessimistic" behind their names: the interval in which any order of ties would end.
void append_recall_groups(std::span<const RetrievalTally> tallies, TieRule rule, const std::string& suffix,
                          records::Score& score);

/// The mean of the six recalls.
double mean_recall(std::span<const RetrievalTally> tallies, TieRule rule);

}  // namespace bteval::metrics
