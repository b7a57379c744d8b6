// Runs a plan on a device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "engine/options.h"
#include "engine/plan.h"
#include "engine/unit_source.h"
#include "model/config.h"
#include "records/sample.h"
#include "text/tokenizer.h"

namespace bteval::engine {

/// A classifier over the pooled vectors of a sample's pairs.
enum class Head { kVqa, kNlvr2, kSnli };

/// A sample that has no result, and why.
struct Refusal {
  std::uint32_t sample = 0;  ///< index into SampleSet::samples
  std::string image_id;
  std::string reason;
};

/// An image and the first 64 bits of the SHA-256 of its encoded content.
struct ImageDigest {
  std::uint32_t image = 0;  ///< index into SampleSet::images
  std::uint64_t digest = 0;
};

/// The results of one unit.
struct UnitOutput {
  std::uint64_t unit = 0;
  std::vector<std::uint32_t> samples;  ///< indices into SampleSet::samples, without the refused ones
  std::int64_t width = 0;              ///< classes
  std::vector<float> logits;           ///< [samples, width], row-major
  std::vector<Refusal> refused;
  std::uint64_t truncated_texts = 0;            ///< samples whose text was longer than max_length
  std::vector<ImageDigest> image_digests = {};  ///< of the unit's views that could be read
  std::uint64_t pairs = 0;                      ///< through the cross-modal layers
  std::uint64_t image_passes = 0;               ///< images through the image tower
  std::uint64_t text_passes = 0;                ///< texts through the text tower
};

/// What a run computed.
struct RunCounts {
  std::uint64_t units = 0, samples = 0, pairs = 0;
  std::uint64_t image_passes = 0;   ///< images through the image tower
  std::uint64_t text_passes = 0;    ///< texts through the text tower
  std::uint64_t times_lowered = 0;  ///< passes were made smaller for want of memory, so often
  double seconds = 0;               ///< wall time of run(), loading included
};

/// A model on one device or on several. run() may be called again; not from several threads at once.
class Runner {
 public:
  /// Loads the weights. `options` must be resolved. Error(kCheckpoint), Error(kDevice).
  Runner(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options);
  ~Runner();

  const model::ModelConfig& config() const;
  /// Number of classes of a head; Error(kCheckpoint) where the checkpoint has no such head.
  std::int64_t head_width(Head head) const;
  /// "LibTorch 2.13.0", processor or GPU, matrix library: see DeviceInfo.
  std::vector<std::pair<std::string, std::string>> environment() const;

  /// Computes the units of `plan` that `units` hands out, each on whichever device is free, and hands the
  /// results to `sink` in the order in which they were handed out, on the calling thread. Loading overlaps
  /// with computing. Closes `units`. Throws what the loader and `units` throw, Error(kDevice), and, when the
  /// units at hand are done, Error(kInterrupted).
  RunCounts run(const records::SampleSet& set, const text::Tokenizer& tokenizer, const PairPlan& plan,
                Head head, const std::function<void(const UnitOutput&)>& sink, UnitSource& units);
  /// All units of the plan, in its order.
  RunCounts run(const records::SampleSet& set, const text::Tokenizer& tokenizer, const PairPlan& plan,
                Head head, const std::function<void(const UnitOutput&)>& sink);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bteval::engine
