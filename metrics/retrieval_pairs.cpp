#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/error.h"
#include "metrics/retrieval_counting.h"

namespace bteval::metrics {
namespace {

using records::ScoredPair;

/// One candidate of a query.
struct Candidate {
  std::uint32_t answer;
  float score;
};

/// The best right answer of one query; both ranges ascending by answer.
RankTargets<float> find_best(std::span<const Candidate> candidates, std::span<const std::uint32_t> right) {
  RankTargets<float> best(1);
  auto candidate = candidates.begin();
  for (const std::uint32_t answer : right) {
    candidate = std::lower_bound(candidate, candidates.end(), answer,
                                 [](const Candidate& c, std::uint32_t wanted) { return c.answer < wanted; });
    const bool is_candidate = candidate != candidates.end() && candidate->answer == answer;
    best.add(0, answer, is_candidate ? candidate->score : kNoCandidate);
  }
  return best;
}

/// The rank in the full list of `num_answers`, in which all but the candidates have kNoCandidate.
RankCounts rank_query(std::span<const Candidate> candidates, std::span<const std::uint32_t> right,
                      std::uint32_t num_answers) {
  const RankTargets<float> best = find_best(candidates, right);
  const float best_score = best.value[0];
  const std::uint32_t best_answer = best.index[0];
  RankCounts out;
  std::uint32_t candidates_before = 0;
  for (const Candidate& candidate : candidates) {
    const bool is_before = candidate.answer < best_answer;
    candidates_before += is_before ? 1 : 0;
    if (candidate.score > best_score) ++out.above;  // no right answer is above the best one
    if (candidate.score == best_score) {
      ++out.tied;
      out.tied_before += is_before ? 1 : 0;
    }
  }
  const auto others = num_answers - static_cast<std::uint32_t>(candidates.size());
  if (kNoCandidate > best_score) {
    out.above += others;  // all of them wrong: a right one would be the best
  } else if (kNoCandidate == best_score) {
    // Right ones among them are part of `equal`, and none stands before the first best one.
    out.tied += others;
    out.tied_before += best_answer - candidates_before;
  }
  out.tied -= best.equal[0];
  return out;
}

float score_of(const ScoredPair& pair, const PairRule& rule) {
  const float score = rule.add_itc ? pair.cross + pair.itc : pair.cross;
  if (std::isnan(score)) throw_nan(pair.image, pair.caption);
  return score;
}

bool counts_in(const ScoredPair& pair, std::uint8_t direction, const PairRule& rule) {
  return rule.both_directions || (pair.directions & direction) != 0;
}

std::vector<RankCounts> rank_images(std::span<const ScoredPair> pairs, const RetrievalLabels& labels,
                                    const PairRule& rule) {
  std::vector<RankCounts> out;
  out.reserve(labels.num_images());
  std::vector<Candidate> candidates;
  std::size_t next = 0;
  for (std::uint32_t image = 0; image < labels.num_images(); ++image) {
    candidates.clear();
    for (; next < pairs.size() && pairs[next].image == image; ++next) {
      if (!counts_in(pairs[next], records::kImageToText, rule)) continue;
      candidates.push_back({pairs[next].caption, score_of(pairs[next], rule)});
    }
    out.push_back(rank_query(candidates, labels.captions_of(image), labels.num_captions()));
  }
  return out;
}

std::vector<RankCounts> rank_captions(std::span<const ScoredPair> pairs, const RetrievalLabels& labels,
                                      const PairRule& rule) {
  // A counting sort by caption; within one the images stay ascending.
  std::vector<std::size_t> first(std::size_t{labels.num_captions()} + 1);
  for (const ScoredPair& pair : pairs) {
    if (counts_in(pair, records::kTextToImage, rule)) ++first[pair.caption + 1];
  }
  for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  std::vector<Candidate> candidates(first.back());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (const ScoredPair& pair : pairs) {
    if (counts_in(pair, records::kTextToImage, rule)) {
      candidates[next[pair.caption]++] = {pair.image, score_of(pair, rule)};
    }
  }
  std::vector<RankCounts> out;
  out.reserve(labels.num_captions());
  for (std::uint32_t caption = 0; caption < labels.num_captions(); ++caption) {
    const std::uint32_t image = labels.image_of(caption);
    const auto own =
        std::span<const Candidate>(candidates).subspan(first[caption], first[caption + 1] - first[caption]);
    out.push_back(rank_query(own, std::span(&image, 1), labels.num_images()));
  }
  return out;
}

void check_pairs(std::span<const ScoredPair> pairs, const RetrievalLabels& labels) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const ScoredPair& pair = pairs[i];
    if (pair.image >= labels.num_images() || pair.caption >= labels.num_captions()) {
      throw Error(ErrorCode::kData,
                  fmt::format("pair {} is of image {} and caption {}, but the split has {} and {}", i,
                              pair.image, pair.caption, labels.num_images(), labels.num_captions()));
    }
    if (i > 0 && std::pair(pairs[i - 1].image, pairs[i - 1].caption) >= std::pair(pair.image, pair.caption)) {
      throw Error(ErrorCode::kInternal, "the pairs are not in the order of their images and captions");
    }
  }
}

}  // namespace

RetrievalRanks rank_pairs(std::span<const ScoredPair> pairs, const RetrievalLabels& labels,
                          const PairRule& rule) {
  check_pairs(pairs, labels);
  return {rank_images(pairs, labels, rule), rank_captions(pairs, labels, rule)};
}

}  // namespace bteval::metrics
