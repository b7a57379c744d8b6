// Runs the stages of an evaluation on inputs that are ready, with a clock on each: what benchmarks time.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/machine_rates.h"
#include "engine/model_calls.h"
#include "engine/options.h"
#include "model/bridgetower.h"
#include "model/work_count.h"

namespace bteval::engine {

/// Images, and texts that each belong to one of them, as the model takes them.
struct PreparedWork {
  at::Tensor pixels;                                 ///< [images, 3, S, S] float32 on the CPU
  std::vector<std::vector<std::int32_t>> texts;      ///< token ids, <s> and </s> included
  std::vector<std::uint32_t> image_of_text;          ///< index into `pixels` for each text
  std::size_t size() const { return texts.size(); }  ///< pairs
};

/// What one stage took.
struct StageTime {
  double seconds = 0;
  double flop = 0;          ///< model/work_count.h, for the rows that products had, padding included
  double memory_bytes = 0;  ///< likewise
  std::uint64_t items = 0;  ///< images, texts, pairs, rows of the head
};
struct StageTimes {
  StageTime vision, text, fusion, head;
};

enum class StagedHead { kVqa, kItm };

/// Computes what Runner computes, in the same units and batches and so to the same bits. Keeps a reference to
/// the model.
class StagedRunner {
 public:
  /// `options` must be resolved.
  StagedRunner(const model::BridgeTower& model, const EngineOptions& options,
               StageClock clock = StageClock::kWall);

  /// [texts, classes] float32 on the CPU: logits in the order of `work.texts`. Adds to `times`. Error(kUsage)
  /// where a text refers to an image that is not there; Error(kDevice), Error(kCheckpoint).
  at::Tensor run(const PreparedWork& work, StagedHead head, StageTimes& times) const;

 private:
  struct Unit;
  template <typename Body>
  auto timed(StageTime& stage, const model::Work& batch, std::int64_t items, Body&& body) const;
  void run_unit(const Unit& unit, StageTimes& times, at::Tensor& cls) const;
  std::vector<std::vector<std::int64_t>> buckets_of(const Unit& unit) const;
  void run_unit_by_pair(const Unit& unit, StageTimes& times, at::Tensor& cls) const;
  model::ImageFeatures encode_images(const at::Tensor& pixels, StageTimes& times) const;
  void fuse_bucket(const Unit& unit, std::span<const std::int64_t> bucket, const model::TextFeatures& texts,
                   const model::ImageFeatures& images, StageTimes& times, at::Tensor& cls) const;
  model::TextFeatures encode_texts(const Unit& unit, std::span<const std::int64_t> texts,
                                   StageTimes& times) const;
  at::Tensor fuse(const model::TextFeatures& text, const model::ImageFeatures& image,
                  StageTimes& times) const;

  const model::BridgeTower& model_;
  mutable ModelCalls calls_;  // graphs are a cache
  EngineOptions options_;
  StageClock clock_;
  model::WorkCount work_;
  double value_bytes_;
};

}  // namespace bteval::engine
