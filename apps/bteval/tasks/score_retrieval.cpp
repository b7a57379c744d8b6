#include "tasks/score_retrieval.h"

#include <charconv>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/version.h"
#include "datasets/source.h"
#include "reports/score_json.h"
#include "reports/signature.h"
#include "tasks/score_matrix.h"

namespace bteval::app {
namespace {

using metrics::RetrievalProtocol;
using records::RetrievalScores;

RetrievalScoreFile read_scores(const std::shared_ptr<const Bytes>& bytes, bool transposed,
                               const datasets::Retrieval& data) {
  const auto num_images = static_cast<std::uint32_t>(data.samples.images.size());
  const auto num_captions = static_cast<std::uint32_t>(data.samples.samples.size());
  if (!is_retrieval_score_file(bytes)) {
    RetrievalScoreFile out;
    out.scores.num_images = num_images;
    out.scores.num_captions = num_captions;
    out.scores.dense = read_score_matrix(bytes, num_images, num_captions, transposed);
    return out;
  }
  if (transposed) {
    throw Error(ErrorCode::kUsage, "--transposed is for plain matrices; this file says how its scores lie",
                {bytes->name(), "", std::nullopt});
  }
  RetrievalScoreFile out = read_retrieval_scores(bytes);
  if (out.info.captions_sha256 != data.captions_sha256) {
    throw Error(
        ErrorCode::kData,
        fmt::format("was computed for other captions: {} {} with {} images and {} captions (digest {:.12}), "
                    "and these are {} {} with {} and {} ({:.12})",
                    printable(out.info.dataset, 40), printable(out.info.split, 40), out.scores.num_images,
                    out.scores.num_captions, printable(out.info.captions_sha256, 64), data.dataset,
                    printable(data.split, 40), num_images, num_captions, data.captions_sha256),
        {bytes->name(), "", std::nullopt});
  }
  if (out.scores.num_images != num_images || out.scores.num_captions != num_captions) {
    throw Error(ErrorCode::kData,
                "has the digest of these captions, but other numbers of images and captions",
                {bytes->name(), "", std::nullopt});
  }
  return out;
}

std::string make_signature(const RetrievalScoreResult& result, const ScoreRetrievalOptions& options) {
  reports::Signature signature(result.dataset);
  signature.add("split", result.split)
      .add("protocol", metrics::retrieval_protocol_name(result.protocol))
      .add("ties", options.ties)
      .add("folds", options.folds);
  if (options.folds != "5k") {
    signature.add("fold", fmt::format("{}x{}x{}", options.fold.folds, options.fold.fold_images,
                                      options.fold.captions_per_image));
  }
  const bool candidates =
      result.protocol != RetrievalProtocol::kItc && result.protocol != RetrievalProtocol::kDense;
  if (candidates) signature.add("k", static_cast<std::int64_t>(result.top_k));
  if (!result.info.head.empty() && result.protocol != RetrievalProtocol::kItc)
    signature.add("head", result.info.head);
  signature.add("captions", options.data.unique_captions ? "unique" : "all")
      .add("images", static_cast<std::int64_t>(result.counts.images))
      .add("texts", static_cast<std::int64_t>(result.counts.captions));
  for (const records::SourceFile& file : result.files) signature.add_sha256(file.role, file.sha256);
  return signature.add("bteval", version()).line();
}

}  // namespace

void set_folds(const std::string& folds, metrics::RetrievalScoring& scoring) {
  if (folds != "5k" && folds != "1k" && folds != "both") {
    throw Error(ErrorCode::kUsage, fmt::format("folds are 5k, 1k or both, not \"{}\"", printable(folds, 40)));
  }
  scoring.whole = folds != "1k";
  scoring.folds = folds != "5k";
}

metrics::FoldOptions fold_of(const std::string& text) {
  metrics::FoldOptions fold;
  const char *at = text.data(), *const end = at + text.size();
  for (std::uint32_t* const number : {&fold.folds, &fold.fold_images, &fold.captions_per_image}) {
    const auto [behind, error] = std::from_chars(at, end, *number);
    const bool is_last = number == &fold.captions_per_image;
    if (error != std::errc() || *number == 0 || (is_last ? behind != end : behind == end || *behind != 'x')) {
      throw Error(
          ErrorCode::kData,
          fmt::format("\"fold\" is not three whole numbers as in 5x1000x5, but \"{}\"", printable(text, 40)));
    }
    at = is_last ? behind : behind + 1;
  }
  return fold;
}

RetrievalScoreResult score_retrieval(const ScoreRetrievalOptions& options) {
  metrics::RetrievalScoring scoring;
  scoring.ties = metrics::tie_rule(options.ties);
  scoring.fold = options.fold;
  set_folds(options.folds, scoring);
  if (!options.protocol.empty()) scoring.protocol = metrics::retrieval_protocol(options.protocol);

  std::error_code ignored;
  const bool is_run = std::filesystem::is_directory(options.scores, ignored);
  const std::filesystem::path scores = is_run ? options.scores / "scores.safetensors" : options.scores;
  datasets::HashedFile score_source("scores", scores);  // its digest is computed meanwhile
  datasets::RetrievalOptions data_options = options.data;
  data_options.with_images = false;
  const datasets::Retrieval data = datasets::open_retrieval(data_options);
  const RetrievalScoreFile file = read_scores(score_source.shared_bytes(), options.transposed, data);
  if (options.protocol.empty()) scoring.protocol = metrics::default_protocol(file.scores);
  const metrics::RetrievalLabels labels(static_cast<std::uint32_t>(data.samples.images.size()),
                                        datasets::image_of_captions(data.samples));

  RetrievalScoreResult result;
  try {
    result.score = metrics::score_retrieval(file.scores, labels, scoring);
  } catch (const Error& error) {
    throw error.with_context({scores.string(), "", std::nullopt});
  }
  result.dataset = data.dataset;
  result.split = data.split;
  result.protocol = scoring.protocol;
  result.counts = data.counts;
  result.info = file.info;
  result.top_k = file.scores.top_k;
  result.pairs = file.scores.pairs.size();
  result.files = data.files;
  result.signature = make_signature(result, options);
  result.files.push_back(score_source.source());
  if (!options.trec_run.empty()) {
    result.written =
        write_trec_run(options.trec_run, options.trec_depth, file.scores, labels, scoring.protocol,
                       data.samples, "bteval-" + std::string(retrieval_protocol_name(scoring.protocol)));
  }
  if (!options.trec_qrels.empty()) {
    for (std::filesystem::path& path : write_trec_qrels(options.trec_qrels, data.samples)) {
      result.written.push_back(std::move(path));
    }
  }
  return result;
}

OrderedJson to_json(const RetrievalScoreResult& result) {
  OrderedJson files = OrderedJson::array();
  for (const records::SourceFile& file : result.files) {
    files.push_back({{"role", file.role}, {"path", file.path}, {"sha256", file.sha256}});
  }
  OrderedJson out = {{"task", result.dataset},
                     {"split", result.split},
                     {"signature", result.signature},
                     {"score", reports::score_to_json(result.score)},
                     {"counts",
                      {{"images", result.counts.images},
                       {"captions", result.counts.captions},
                       {"dropped_captions", result.counts.dropped},
                       {"duplicates_in_image", result.counts.duplicates_in_image},
                       {"captions_of_several_images", result.counts.shared_texts},
                       {"candidate_pairs", result.pairs},
                       {"top_k", result.top_k}}},
                     {"files", std::move(files)}};
  if (!result.info.run.empty()) out["run"] = result.info.run;
  return out;
}

}  // namespace bteval::app
