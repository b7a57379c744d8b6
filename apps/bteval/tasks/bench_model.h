// The model of a benchmark and the runs over it that are timed.
#pragma once

#include <memory>
#include <string>

#include "checkpoint/checkpoint.h"
#include "engine/staged_runner.h"
#include "model/bridgetower.h"
#include "tasks/bench.h"
#include "tasks/bench_result.h"

namespace bteval::app {

/// The checkpoint of the options, or random weights. Error(kCheckpoint), Error(kUsage).
checkpoint::Checkpoint open_bench_checkpoint(const BenchOptions& options);

/// A loaded model with a name for tables: "bteval", "all savings".
class BenchModel {
 public:
  BenchModel(std::string name, const checkpoint::Checkpoint& checkpoint, const BenchOptions& options,
             const model::Savings& savings);
  BenchModel(const BenchModel&) = delete;
  BenchModel& operator=(const BenchModel&) = delete;

  const std::string& name() const { return name_; }
  const model::BridgeTower& bridgetower() const { return bridgetower_; }

  /// Runs all of `work` without looking at the clock; what further runs are compared with.
  void warm_up(const engine::PreparedWork& work, std::uint32_t times);
  /// One timed run. Error(kInternal) where it computes other bits than warm_up() did.
  void repeat(const engine::PreparedWork& work);

  const at::Tensor& logits() const { return logits_; }
  const std::string& digest() const { return digest_; }  ///< SHA-256 of the logits' bytes
  const Timings& timings() const { return timings_; }
  std::vector<StageResult> stages() const;
  double flop() const;  ///< of one repeat

 private:
  std::string name_;
  model::BridgeTower bridgetower_;
  engine::StagedRunner runner_;
  engine::StagedHead head_;
  engine::StageClock clock_;
  at::Tensor logits_;
  std::string digest_;
  Timings timings_;
  std::vector<engine::StageTimes> stages_;  // by repeat
};

/// SHA-256 of the values of a float32 tensor.
std::string digest_of(const at::Tensor& values);

}  // namespace bteval::app
