#include "metrics/retrieval_recall.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"

namespace bteval::metrics {
namespace {

constexpr TieRule kTieRules[] = {TieRule::kId, TieRule::kOptimistic, TieRule::kPessimistic};
constexpr std::size_t kNumDepths = std::size(RecallValues::kDepths);

/// Means over the folds of one direction.
struct DirectionMeans {
  RecallValues values;
  std::int64_t queries = 0;
  std::optional<std::int64_t> hits[kNumDepths];  // of one fold; several have none in common
};

DirectionMeans mean_of(std::span<const RetrievalTally> tallies, RankTally RetrievalTally::*direction,
                       TieRule rule) {
  DirectionMeans out;
  const auto folds = static_cast<double>(tallies.size());
  for (const RetrievalTally& tally : tallies) {
    const RankTally& ranks = tally.*direction;
    const RecallValues values = ranks.value(rule);
    for (std::size_t i = 0; i < kNumDepths; ++i) out.values.recall[i] += values.recall[i];
    out.values.median_rank += values.median_rank;
    out.values.mean_rank += values.mean_rank;
    out.queries += ranks.count();
    if (tallies.size() == 1) {
      for (std::size_t i = 0; i < kNumDepths; ++i) out.hits[i] = ranks.hits(RecallValues::kDepths[i], rule);
    }
  }
  for (double& recall : out.values.recall) recall /= folds;
  out.values.median_rank /= folds;
  out.values.mean_rank /= folds;
  return out;
}

records::ScoreGroup direction_group(std::string name, const DirectionMeans& means) {
  records::ScoreGroup group{std::move(name), {}};
  for (std::size_t i = 0; i < kNumDepths; ++i) {
    group.values.push_back({fmt::format("R@{}", RecallValues::kDepths[i]), means.values.recall[i],
                            means.queries, means.hits[i]});
  }
  group.values.push_back({"R mean", means.values.mean_recall(), means.queries});
  group.values.push_back({"median rank", means.values.median_rank, means.queries});
  group.values.push_back({"mean rank", means.values.mean_rank, means.queries});
  return group;
}

bool recalls_differ(const DirectionMeans& a, const DirectionMeans& b) {
  return !std::equal(std::begin(a.values.recall), std::end(a.values.recall), std::begin(b.values.recall));
}

void append_groups(const DirectionMeans& text, const DirectionMeans& image, const std::string& suffix,
                   records::Score& score) {
  score.groups.push_back(direction_group("text retrieval" + suffix, text));
  score.groups.push_back(direction_group("image retrieval" + suffix, image));
  double sum = 0;
  for (const double recall : text.values.recall) sum += recall;
  for (const double recall : image.values.recall) sum += recall;
  const std::int64_t queries = text.queries + image.queries;
  const double mean = (text.values.mean_recall() + image.values.mean_recall()) / 2;
  score.groups.push_back({"both directions" + suffix, {{"RSUM", sum, queries}, {"R mean", mean, queries}}});
}

}  // namespace

std::string_view tie_rule_name(TieRule rule) {
  switch (rule) {
    case TieRule::kId:
      return "id";
    case TieRule::kOptimistic:
      return "optimistic";
    case TieRule::kPessimistic:
      return "pessimistic";
  }
  throw Error(ErrorCode::kInternal, "a tie rule without a name");
}

TieRule tie_rule(std::string_view name) {
  for (const TieRule rule : kTieRules) {
    if (tie_rule_name(rule) == name) return rule;
  }
  throw Error(
      ErrorCode::kUsage,
      fmt::format("ties are broken by id, optimistic or pessimistic, not by \"{}\"", printable(name, 40)));
}

std::uint32_t rank_of(const RankCounts& counts, TieRule rule) {
  switch (rule) {
    case TieRule::kId:
      return counts.above + counts.tied_before;
    case TieRule::kOptimistic:
      return counts.above;
    case TieRule::kPessimistic:
      return counts.above + counts.tied;
  }
  throw Error(ErrorCode::kInternal, "a tie rule without a meaning");
}

std::int64_t RankTally::hits(std::uint32_t depth, TieRule rule) const {
  return std::ranges::count_if(ranks_,
                               [&](const RankCounts& counts) { return rank_of(counts, rule) < depth; });
}

RecallValues RankTally::value(TieRule rule) const {
  if (ranks_.empty()) throw Error(ErrorCode::kInternal, "recall over no queries");
  RecallValues out;
  const auto queries = static_cast<double>(ranks_.size());
  for (std::size_t i = 0; i < kNumDepths; ++i) {
    out.recall[i] = 100.0 * static_cast<double>(hits(RecallValues::kDepths[i], rule)) / queries;
  }
  std::vector<std::uint32_t> ranks;
  ranks.reserve(ranks_.size());
  std::uint64_t sum = 0;
  for (const RankCounts& counts : ranks_) {
    ranks.push_back(rank_of(counts, rule));
    sum += ranks.back();
  }
  // floor(median) + 1 with ranks from 0, where the median of an even number is the middle two's mean.
  const auto middle = ranks.begin() + static_cast<std::ptrdiff_t>(ranks.size() / 2);
  std::ranges::nth_element(ranks, middle);
  std::uint64_t median = *middle;
  if (ranks.size() % 2 == 0) median = (median + *std::max_element(ranks.begin(), middle)) / 2;
  out.median_rank = static_cast<double>(median + 1);
  out.mean_rank = static_cast<double>(sum) / queries + 1;
  return out;
}

void append_recall_groups(std::span<const RetrievalTally> tallies, TieRule rule, const std::string& suffix,
                          records::Score& score) {
  const auto text = [&](TieRule ties) { return mean_of(tallies, &RetrievalTally::text, ties); };
  const auto image = [&](TieRule ties) { return mean_of(tallies, &RetrievalTally::image, ties); };
  append_groups(text(rule), image(rule), suffix, score);
  if (!recalls_differ(text(TieRule::kOptimistic), text(TieRule::kPessimistic)) &&
      !recalls_differ(image(TieRule::kOptimistic), image(TieRule::kPessimistic))) {
    return;
  }
  for (const TieRule ties : {TieRule::kOptimistic, TieRule::kPessimistic}) {
    append_groups(text(ties), image(ties), fmt::format("{}, {}", suffix, tie_rule_name(ties)), score);
  }
}

double mean_recall(std::span<const RetrievalTally> tallies, TieRule rule) {
  return (mean_of(tallies, &RetrievalTally::text, rule).values.mean_recall() +
          mean_of(tallies, &RetrievalTally::image, rule).values.mean_recall()) /
         2;
}

}  // namespace bteval::metrics
