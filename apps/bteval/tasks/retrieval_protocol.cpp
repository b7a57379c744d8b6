#include "tasks/retrieval_protocol.h"

#include <array>

#include "core/error.h"
#include "engine/retrieval_candidates.h"

namespace bteval::app {
namespace {

using engine::CrossHead;
using metrics::RetrievalProtocol;

constexpr std::array kProtocols = {
    EvalProtocol{"itm", RetrievalProtocol::kItm, true, CrossHead::kItm},
    EvalProtocol{"albef", RetrievalProtocol::kAlbef, true, CrossHead::kItm},
    EvalProtocol{"blip", RetrievalProtocol::kBlip, true, CrossHead::kItm},
    EvalProtocol{"itc", RetrievalProtocol::kItc, true, std::nullopt},
    EvalProtocol{"itm-all", RetrievalProtocol::kDense, false, CrossHead::kItm},
    EvalProtocol{"rank-all", RetrievalProtocol::kDense, false, CrossHead::kRank}};

bool can_do(const engine::RetrievalRunner& runner, const EvalProtocol& protocol) {
  return (!protocol.needs_itc || runner.has_itc()) && (!protocol.head || runner.has(*protocol.head));
}

void append(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

}  // namespace

const EvalProtocol& eval_protocol(std::string_view name) {
  std::string names;
  for (const EvalProtocol& protocol : kProtocols) {
    if (protocol.name == name) return protocol;
    append(names, protocol.name);
  }
  throw Error(ErrorCode::kUsage, fmt::format("there is no retrieval protocol \"{}\": use one of {}",
                                             printable(name, 40), names));
}

std::string_view head_name(const std::optional<CrossHead>& head) {
  if (!head) return "";
  return *head == CrossHead::kItm ? "itm_score" : "rank_output";
}

void require_heads(const engine::RetrievalRunner& runner, const EvalProtocol& protocol,
                   const std::string& checkpoint) {
  if (can_do(runner, protocol)) return;
  std::string missing, possible;
  if (protocol.needs_itc && !runner.has_itc()) append(missing, "itc_text_head and itc_image_head");
  if (protocol.head && !runner.has(*protocol.head)) append(missing, head_name(protocol.head));
  for (const EvalProtocol& other : kProtocols) {
    if (can_do(runner, other)) append(possible, other.name);
  }
  throw Error(
      ErrorCode::kCheckpoint,
      fmt::format("has no {}, which --protocol {} needs; protocols that this checkpoint can do: {}", missing,
                  protocol.name, possible.empty() ? "none, it has no retrieval head" : possible),
      {checkpoint, "", std::nullopt});
}

std::optional<records::RetrievalScores> compute_retrieval(engine::RetrievalRunner& runner,
                                                          const EvalProtocol& protocol, std::uint32_t top_k,
                                                          std::uint32_t num_images,
                                                          std::uint32_t num_captions, const ShowStage& show,
                                                          StageSharing* sharing) {
  records::RetrievalScores scores;
  if (protocol.needs_itc && sharing != nullptr) sharing->share_embeddings();
  if (protocol.needs_itc)
    runner.embed(scores, show("images and captions", std::uint64_t{num_images} + num_captions));
  if (protocol.has_candidates()) {
    scores.pairs = engine::find_candidates(scores, top_k);
    scores.top_k = top_k;
  }
  if (protocol.head && sharing != nullptr && !sharing->share_pairs(*protocol.head, scores))
    return std::nullopt;
  if (protocol.has_candidates()) {
    runner.score_pairs(*protocol.head, scores, show("pairs", scores.pairs.size()));
  } else if (protocol.head) {
    runner.score_all(*protocol.head, scores, show("pairs", std::uint64_t{num_images} * num_captions));
  }
  return scores;
}

}  // namespace bteval::app
