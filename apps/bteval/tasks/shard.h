// Runs in shards: parts of one run that know nothing of each other, and are joined when all are done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "records/run_manifest.h"
#include "tasks/eval_options.h"
#include "tasks/retrieval_parts.h"
#include "tasks/retrieval_protocol.h"
#include "tasks/run_directory.h"

namespace bteval::app {

inline constexpr const char* kShardFile = "shard.json";

/// "2/8". Error(kUsage) for anything else.
Shard parse_shard(const std::string& text);

/// The units that the shard computes: every count-th, so that all shards have as many.
std::vector<std::uint64_t> units_of_shard(const Shard& shard, std::vector<std::uint64_t> units);

/// Error(kUsage) where the options cannot be had in shards.
void check_shard_options(const EvalOptions& options);

/// A folder is that of a finished shard from finish_shard() until somebody goes on with the run.
void begin_shard(const RunDirectory& directory);
/// Syncs the journal, writes shard.json, and says so on standard output.
void finish_shard(const RunDirectory& directory, const EvalOptions& options, std::uint64_t units,
                  std::uint64_t all_units);

/// Computes the pairs of a shard's units. Embeddings are computed by every shard: a thousandth of the work.
class RetrievalShard : public StageSharing {
 public:
  RetrievalShard(const Shard& shard, engine::RetrievalRunner& runner, RetrievalParts& parts)
      : shard_(shard), runner_(runner), parts_(parts) {}
  void share_embeddings() override {}
  bool share_pairs(engine::CrossHead head, const records::RetrievalScores& scores) override;
  std::uint64_t units() const { return units_; }
  std::uint64_t all_units() const { return all_units_; }

 private:
  Shard shard_;
  engine::RetrievalRunner& runner_;
  RetrievalParts& parts_;
  std::uint64_t units_ = 0, all_units_ = 0;
};

struct MergeOptions {
  std::vector<std::filesystem::path> runs;
  std::filesystem::path out;
  std::string data, model, tokenizer, vocabulary;  ///< where they lie now, if elsewhere
};

/// Joins the journals of all shards of a run into `out`, and returns the command line that finishes the run
/// there, in the folder where the shards were started. Error(kUsage) naming the runs where shards are
/// missing, come twice, or are of different runs; Error(kData) where a shard is unfinished or its journal
/// damaged.
std::vector<std::string> merge_shards(const MergeOptions& options);

}  // namespace bteval::app
