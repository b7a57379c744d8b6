// Computes work units with one model on its device.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "engine/loaded_model.h"
#include "engine/model_calls.h"
#include "engine/pair_batches.h"
#include "engine/pass_limits.h"
#include "engine/runner.h"
#include "engine/unit_loader.h"
#include "records/sample.h"

namespace bteval::engine {

/// Not for several threads at once; several computers may share a model.
class UnitComputer {
 public:
  /// Keeps a reference to `model`.
  explicit UnitComputer(const LoadedModel& model);

  /// The results of a unit; waits for the device. Where its memory does not suffice, the unit is computed
  /// again in smaller passes, and so are those that follow. Error(kDevice).
  UnitOutput compute(const LoadedUnit& loaded, const records::SampleSet& set, Head head);

  /// How often passes were made smaller for want of memory.
  std::uint64_t times_lowered() const { return limits_.times_lowered(); }

 private:
  struct UnitWork;

  static void find_kept(UnitWork& work, const records::SampleSet& set);
  model::ImageFeatures encode_images(const at::Tensor& pixels, int type, std::size_t most);
  void run_image_tower(UnitWork& work, const at::Tensor& pixels, std::size_t most);
  void fuse_texts(UnitWork& work, const TextPass& pass, std::size_t most);
  void fuse_bucket(UnitWork& work, std::span<const std::int64_t> bucket, const model::TextFeatures& features,
                   std::size_t most);
  at::Tensor head_logits(const UnitWork& work, Head head) const;
  UnitOutput compute_within(const PassLimits& limits, const LoadedUnit& loaded, const records::SampleSet& set,
                            Head head);

  const LoadedModel& model_;
  ModelCalls calls_;
  PassLimits limits_;
};

}  // namespace bteval::engine
