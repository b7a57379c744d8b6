// Scoring image-caption retrieval without the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"
#include "datasets/retrieval.h"
#include "metrics/retrieval_score.h"
#include "records/score.h"
#include "records/source_file.h"
#include "tasks/retrieval_scores.h"

namespace bteval::app {

struct ScoreRetrievalOptions {
  datasets::RetrievalOptions data;  ///< images are not looked for
  std::filesystem::path
      scores;               ///< a run's folder or its scores.safetensors, or what read_score_matrix() reads
  bool transposed = false;  ///< the matrix's rows are captions
  std::string protocol;     ///< a name of metrics::RetrievalProtocol; "" for what the scores offer first
  std::string ties = "id";
  std::string folds = "5k";  ///< "5k" (all images), "1k" (folds), "both"
  metrics::FoldOptions fold;
  std::filesystem::path trec_run, trec_qrels;  ///< written where given
  std::uint32_t trec_depth = 100;
};

struct RetrievalScoreResult {
  records::Score score;
  std::string signature;
  std::string dataset, split;
  metrics::RetrievalProtocol protocol = metrics::RetrievalProtocol::kItm;
  datasets::RetrievalCounts counts;
  RetrievalScoreInfo info;  ///< of a score file; empty for a matrix
  std::uint32_t top_k = 0;
  std::uint64_t pairs = 0;
  std::vector<records::SourceFile> files;      ///< annotations, scores
  std::vector<std::filesystem::path> written;  ///< TREC files
};

/// What `folds` means: "5k", "1k" or "both". Error(kUsage) for anything else.
void set_folds(const std::string& folds, metrics::RetrievalScoring& scoring);

/// The folds that a run's options name: "5x1000x5", as folds, images and captions. Error(kData) for anything
/// else, 0 and what 32 bits do not hold.
metrics::FoldOptions fold_of(const std::string& text);

/// Reads annotations and scores, checks that they belong together, scores, and writes the TREC files. Throws
/// what the readers throw; Error(kData) where a score file was computed for other captions, or a score is
/// NaN.
RetrievalScoreResult score_retrieval(const ScoreRetrievalOptions& options);

/// The result as JSON: signature, score, counts and files; the same result gives the same bytes.
OrderedJson to_json(const RetrievalScoreResult& result);

/// Writes both directions' run files: `run` with ".tr" (text retrieval) and ".ir" (image retrieval) before
/// its extension. Queries and documents are image:<id> and caption:<id>. Returns the paths.
std::vector<std::filesystem::path> write_trec_run(const std::filesystem::path& run, std::uint32_t depth,
                                                  const records::RetrievalScores& scores,
                                                  const metrics::RetrievalLabels& labels,
                                                  metrics::RetrievalProtocol protocol,
                                                  const records::SampleSet& samples, const std::string& tag);

/// The relevance files that belong to them, named in the same way.
std::vector<std::filesystem::path> write_trec_qrels(const std::filesystem::path& qrels,
                                                    const records::SampleSet& samples);

}  // namespace bteval::app
