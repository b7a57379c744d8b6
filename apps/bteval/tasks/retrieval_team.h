// A retrieval run on several processes: stages are shared out, rank 0 gathers the parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/retrieval_runner.h"
#include "records/retrieval.h"
#include "tasks/retrieval_parts.h"
#include "tasks/retrieval_protocol.h"
#include "tasks/team_run.h"

namespace bteval::app {

/// Rank 0's side. Embeddings come to it alone: it finds the candidates and gives each unit's pairs to whoever
/// computes the unit, so that no other rank holds more than that. Keeps references to its arguments.
class RetrievalLead : public StageSharing {
 public:
  RetrievalLead(TeamRun& team, std::string run, engine::RetrievalRunner& runner, RetrievalParts& parts)
      : team_(team), run_(std::move(run)), runner_(runner), parts_(parts) {}

  void share_embeddings() override;
  bool share_pairs(engine::CrossHead head, const records::RetrievalScores& scores) override;

 private:
  void share(const std::string& stage, std::vector<std::uint64_t> items,
             const std::function<void(engine::UnitSource&, const engine::ItemSink&)>& compute);

  TeamRun& team_;
  std::string run_;
  engine::RetrievalRunner& runner_;
  RetrievalParts& parts_;
};

/// Every other rank: computes parts of each of the protocol's stages until rank 0 has all.
void assist_retrieval(TeamRun& team, const std::string& run, engine::RetrievalRunner& runner,
                      const EvalProtocol& protocol);

}  // namespace bteval::app
