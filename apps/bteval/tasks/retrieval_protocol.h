// The retrieval protocols that an evaluation can compute.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/retrieval_runner.h"
#include "metrics/retrieval_score.h"
#include "records/retrieval.h"

namespace bteval::app {

/// What is computed, and what it is ranked by.
struct EvalProtocol {
  std::string_view name;  ///< "itm", "albef", "blip", "itc", "itm-all", "rank-all"
  metrics::RetrievalProtocol rule = metrics::RetrievalProtocol::kItm;
  bool needs_itc = false;                 ///< embeddings; with a head: candidates, else every pair
  std::optional<engine::CrossHead> head;  ///< scores pairs

  bool has_candidates() const { return needs_itc && head; }
};

/// The protocol of that name; Error(kUsage) listing the names where there is none.
const EvalProtocol& eval_protocol(std::string_view name);

/// "itm_score", "rank_output", or "" for none: as score files and signatures say it.
std::string_view head_name(const std::optional<engine::CrossHead>& head);

/// Error(kCheckpoint) naming the missing head and the protocols that the checkpoint can do, where it cannot
/// do this one. `checkpoint` is its path, for the message.
void require_heads(const engine::RetrievalRunner& runner, const EvalProtocol& protocol,
                   const std::string& checkpoint);

/// Shows a stage that counts `total` things and returns what advances it.
using ShowStage = std::function<engine::RetrievalRunner::Advance(const char* things, std::uint64_t total)>;

/// What other processes compute before this one goes through a stage and finds the parts that are missing.
class StageSharing {
 public:
  virtual ~StageSharing() = default;
  virtual void share_embeddings() = 0;
  /// `scores` has its candidates; without, every pair is computed. False where this process has done its part
  /// and the others' results will not come to it.
  virtual bool share_pairs(engine::CrossHead head, const records::RetrievalScores& scores) = 0;
};

/// All scores of the split that `runner` was made for; nothing where `sharing` says so. `top_k`: candidates
/// of each direction, where the protocol has such.
std::optional<records::RetrievalScores> compute_retrieval(engine::RetrievalRunner& runner,
                                                          const EvalProtocol& protocol, std::uint32_t top_k,
                                                          std::uint32_t num_images,
                                                          std::uint32_t num_captions, const ShowStage& show,
                                                          StageSharing* sharing = nullptr);

}  // namespace bteval::app
