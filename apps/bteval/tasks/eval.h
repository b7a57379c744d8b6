// Evaluations: a data set, a checkpoint, a run directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "records/score.h"
#include "tasks/eval_options.h"

namespace bteval::app {

/// What one evaluation came to.
struct EvalResult {
  std::string task, split;
  std::optional<records::Score> score;  ///< nothing where there is none, or the run was finished before
  std::uint64_t samples = 0, refused = 0;
  std::string signature;
};

/// Runs one evaluation, writes its run directory and prints its table and signature; with dry_run, prints the
/// plan and returns nothing. Throws what the parts throw.
std::optional<EvalResult> evaluate(const EvalOptions& options);

/// VQAv2: classifier over the answer vocabulary, VQA accuracy, EvalAI submission.
std::optional<EvalResult> evaluate_vqav2(const EvalOptions& options);

/// NLVR2: two classes over both images' pooled vectors, accuracy and consistency, the official scorer's CSV.
std::optional<EvalResult> evaluate_nlvr2(const EvalOptions& options);

/// SNLI-VE: three classes, accuracy by class, JSON lines.
std::optional<EvalResult> evaluate_snli_ve(const EvalOptions& options);

/// Flickr30K and MSCOCO: image-caption retrieval under one of the published protocols, TREC files.
std::optional<EvalResult> evaluate_retrieval(const EvalOptions& options);

/// Runs every entry of a suite, prints each, then one leaderboard over all. Entries that are finished already
/// are kept unless options.force. Returns the number of refused samples.
std::uint64_t evaluate_suite(const std::string& suite, const EvalOptions& options);

}  // namespace bteval::app
