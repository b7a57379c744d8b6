#include "metrics/retrieval_score.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "core/error.h"

namespace bteval::metrics {
namespace {

using records::RetrievalScores;
using records::ScoredPair;
using records::ScoreMatrix;

constexpr std::uint32_t kAbsent = 0xFFFFFFFF;

/// Consecutive images and some of their captions, ascending.
struct Fold {
  std::uint32_t first_image = 0;
  std::uint32_t num_images = 0;
  std::vector<std::uint32_t> captions;

  RetrievalLabels labels(const RetrievalLabels& whole) const {
    std::vector<std::uint32_t> image_of;
    image_of.reserve(captions.size());
    for (const std::uint32_t caption : captions) image_of.push_back(whole.image_of(caption) - first_image);
    return {num_images, std::move(image_of)};
  }
};

Fold make_fold(const RetrievalLabels& labels, std::uint32_t first_image, const FoldOptions& options) {
  Fold fold{first_image, options.fold_images, {}};
  for (std::uint32_t image = first_image; image < first_image + options.fold_images; ++image) {
    const auto captions = labels.captions_of(image);
    const auto count = std::min<std::size_t>(captions.size(), options.captions_per_image);
    fold.captions.insert(fold.captions.end(), captions.begin(),
                         captions.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::ranges::sort(fold.captions);
  return fold;
}

template <typename T>
std::vector<T> cut(std::span<const T> scores, bool caption_major, std::size_t row_size, const Fold& fold) {
  std::vector<T> out;
  out.reserve(fold.captions.size() * fold.num_images);
  if (caption_major) {
    for (const std::uint32_t caption : fold.captions) {
      const auto row = scores.subspan(caption * row_size + fold.first_image, fold.num_images);
      out.insert(out.end(), row.begin(), row.end());
    }
    return out;
  }
  for (std::uint32_t image = fold.first_image; image < fold.first_image + fold.num_images; ++image) {
    const T* row = scores.data() + image * row_size;
    for (const std::uint32_t caption : fold.captions) out.push_back(row[caption]);
  }
  return out;
}

template <typename T>
void hold(std::vector<T> scores, std::span<const T>& view, std::shared_ptr<const void>& owner) {
  const auto held = std::make_shared<const std::vector<T>>(std::move(scores));
  view = *held;
  owner = held;
}

ScoreMatrix cut_matrix(const ScoreMatrix& whole, const Fold& fold) {
  ScoreMatrix out;
  out.num_images = fold.num_images;
  out.num_captions = static_cast<std::uint32_t>(fold.captions.size());
  out.caption_major = whole.caption_major;
  const std::size_t row_size = whole.caption_major ? whole.num_images : whole.num_captions;
  if (whole.f64.empty()) {
    hold(cut(whole.f32, whole.caption_major, row_size, fold), out.f32, out.owner);
  } else {
    hold(cut(whole.f64, whole.caption_major, row_size, fold), out.f64, out.owner);
  }
  return out;
}

std::vector<ScoredPair> cut_pairs(const std::vector<ScoredPair>& pairs, std::uint32_t num_captions,
                                  const Fold& fold) {
  std::vector<std::uint32_t> new_index(num_captions, kAbsent);
  for (std::size_t i = 0; i < fold.captions.size(); ++i)
    new_index[fold.captions[i]] = static_cast<std::uint32_t>(i);
  std::vector<ScoredPair> out;
  for (ScoredPair pair : pairs) {
    if (pair.image < fold.first_image || pair.image - fold.first_image >= fold.num_images) continue;
    if (pair.caption >= num_captions || new_index[pair.caption] == kAbsent) continue;
    pair.image -= fold.first_image;
    pair.caption = new_index[pair.caption];
    out.push_back(pair);
  }
  return out;
}

/// What a protocol needs of the scores, for the images and captions of a fold.
RetrievalScores cut_scores(const RetrievalScores& whole, RetrievalProtocol protocol, const Fold& fold) {
  RetrievalScores out;
  out.num_images = fold.num_images;
  out.num_captions = static_cast<std::uint32_t>(fold.captions.size());
  if (protocol == RetrievalProtocol::kDense) {
    out.dense = cut_matrix(whole.dense, fold);
  } else if (protocol == RetrievalProtocol::kItc) {
    const std::size_t size = whole.itc_size;
    const auto images =
        std::span(whole.image_embeddings).subspan(fold.first_image * size, fold.num_images * size);
    out.itc_size = whole.itc_size;
    out.image_embeddings.assign(images.begin(), images.end());
    for (const std::uint32_t caption : fold.captions) {
      const auto text = std::span(whole.text_embeddings).subspan(caption * size, size);
      out.text_embeddings.insert(out.text_embeddings.end(), text.begin(), text.end());
    }
  } else {
    out.pairs = cut_pairs(whole.pairs, whole.num_captions, fold);
    out.top_k = whole.top_k;
  }
  return out;
}

bool has_candidates(const RetrievalScores& scores) { return scores.top_k > 0 || !scores.pairs.empty(); }

void require_parts(const RetrievalScores& scores, RetrievalProtocol protocol) {
  const auto need = [&](bool present, const char* what) {
    if (present) return;
    throw Error(ErrorCode::kUsage, fmt::format("the protocol {} needs {}, which the scores do not have",
                                               retrieval_protocol_name(protocol), what));
  };
  switch (protocol) {
    case RetrievalProtocol::kItm:
    case RetrievalProtocol::kAlbef:
    case RetrievalProtocol::kBlip:
      return need(has_candidates(scores), "candidate pairs");
    case RetrievalProtocol::kItc:
      return need(!scores.image_embeddings.empty(), "ITC embeddings");
    case RetrievalProtocol::kDense:
      return need(!scores.dense.empty(), "a score of every pair");
  }
}

}  // namespace

std::string_view retrieval_protocol_name(RetrievalProtocol protocol) {
  switch (protocol) {
    case RetrievalProtocol::kItm:
      return "itm";
    case RetrievalProtocol::kAlbef:
      return "albef";
    case RetrievalProtocol::kBlip:
      return "blip";
    case RetrievalProtocol::kItc:
      return "itc";
    case RetrievalProtocol::kDense:
      return "dense";
  }
  throw Error(ErrorCode::kInternal, "a protocol without a name");
}

RetrievalProtocol retrieval_protocol(std::string_view name) {
  std::string names;
  for (const RetrievalProtocol protocol : kRetrievalProtocols) {
    if (retrieval_protocol_name(protocol) == name) return protocol;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", retrieval_protocol_name(protocol));
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("there is no protocol \"{}\"; there are {}", printable(name, 40), names));
}

RetrievalProtocol default_protocol(const RetrievalScores& scores) {
  if (has_candidates(scores)) return RetrievalProtocol::kItm;
  if (!scores.dense.empty()) return RetrievalProtocol::kDense;
  if (!scores.image_embeddings.empty()) return RetrievalProtocol::kItc;
  throw Error(ErrorCode::kData, "there are no scores");
}

RetrievalRanks rank_retrieval(const RetrievalScores& scores, const RetrievalLabels& labels,
                              RetrievalProtocol protocol, unsigned threads) {
  require_parts(scores, protocol);
  switch (protocol) {
    case RetrievalProtocol::kItm:
      return rank_pairs(scores.pairs, labels, {true, false});
    case RetrievalProtocol::kAlbef:
      return rank_pairs(scores.pairs, labels, {false, false});
    case RetrievalProtocol::kBlip:
      return rank_pairs(scores.pairs, labels, {false, true});
    case RetrievalProtocol::kItc:
      return rank_embeddings(scores.image_embeddings, scores.text_embeddings, scores.itc_size, labels,
                             threads);
    case RetrievalProtocol::kDense:
      return rank_matrix(scores.dense, labels, threads);
  }
  throw Error(ErrorCode::kInternal, "a protocol without a meaning");
}

records::Score score_retrieval(const RetrievalScores& scores, const RetrievalLabels& labels,
                               const RetrievalScoring& options) {
  require_parts(scores, options.protocol);
  records::Score score;
  score.metric = "retrieval recall";
  score.scorer =
      fmt::format("{}, ties {}", retrieval_protocol_name(options.protocol), tie_rule_name(options.ties));
  // The whole is ranked first even where only folds are asked for: it checks sizes and finds every NaN.
  std::vector<RetrievalTally> tallies(1);
  tallies[0].add(rank_retrieval(scores, labels, options.protocol, options.threads));
  const auto overall = [&](std::span<const RetrievalTally> of) {
    std::int64_t queries = 0;
    for (const RetrievalTally& tally : of) queries += tally.text.count() + tally.image.count();
    score.overall = {"R mean", mean_recall(of, options.ties), queries};
  };
  if (options.whole) {
    append_recall_groups(tallies, options.ties, "", score);
    overall(tallies);
  }
  if (!options.folds) return score;

  const FoldOptions& fold = options.fold;
  if (fold.folds == 0 || fold.fold_images == 0 || fold.captions_per_image == 0 ||
      std::uint64_t{fold.folds} * fold.fold_images != labels.num_images()) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("{} folds of {} images need a split of {} images; this one has {}", fold.folds,
                    fold.fold_images, std::uint64_t{fold.folds} * fold.fold_images, labels.num_images()));
  }
  std::vector<RetrievalTally> folds(fold.folds);
  for (std::uint32_t i = 0; i < fold.folds; ++i) {
    const Fold part = make_fold(labels, i * fold.fold_images, fold);
    folds[i].add(rank_retrieval(cut_scores(scores, options.protocol, part), part.labels(labels),
                                options.protocol, options.threads));
  }
  const std::string size = fold.fold_images % 1000 == 0 ? fmt::format("{}K", fold.fold_images / 1000)
                                                        : std::to_string(fold.fold_images);
  append_recall_groups(folds, options.ties, " " + size, score);
  if (!options.whole) overall(folds);
  return score;
}

}  // namespace bteval::metrics
