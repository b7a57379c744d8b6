// Retrieval in stages: embeddings, candidates, cross-modal scores.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "engine/options.h"
#include "engine/retrieval_inputs.h"
#include "engine/unit_source.h"
#include "model/config.h"
#include "records/retrieval.h"

namespace bteval::engine {

/// What the memory of a run depends on, besides the number types and EngineOptions. Zeros mean "choose".
struct RetrievalOptions {
  std::uint32_t images_per_unit = 0;   ///< images whose features are held at a time; 0: 32 on CPU, 64 on CUDA
  std::uint32_t images_per_batch = 0;  ///< images in one pass of the image tower; 0: 8 on CPU, 32 on CUDA
  std::uint64_t text_cache_bytes = kChoose;  ///< features of captions that are kept; never changes a result

  static constexpr std::uint64_t kChoose = ~std::uint64_t{0};  ///< 64 MiB on CPU, 4 GiB on CUDA

  /// Fills what stands for "choose"; `engine` must be resolved.
  void resolve(const EngineOptions& engine);
};

/// A head that scores one pair.
enum class CrossHead {
  kItm,   ///< logit of "matched" of itm_score
  kRank,  ///< rank_output
};

/// What a run did, for its manifest.
struct RetrievalCounts {
  std::uint64_t image_passes = 0;  ///< images through the image tower, those of kept parts included
  std::uint64_t text_passes = 0;   ///< captions through the text tower, without those of kept parts
  std::uint64_t pairs = 0;         ///< pairs through the cross-modal layers, those of kept parts included
  double seconds = 0;
};

/// A stage's work in parts that are the same in every run.
enum class RetrievalStage : std::uint8_t {
  kImages,    ///< embeddings of the images of one pass of the image tower
  kCaptions,  ///< embeddings of one bucket of captions
  kPairs,     ///< scores of one tile of pairs
};

/// Keeps the results of finished parts, so that an interrupted run need not compute them again.
class PartStore {
 public:
  virtual ~PartStore() = default;
  virtual bool has(RetrievalStage stage, std::uint64_t part) const = 0;
  /// What was added; each part is taken at most once.
  virtual std::vector<float> take(RetrievalStage stage, std::uint64_t part) = 0;
  virtual void add(RetrievalStage stage, std::uint64_t part, std::span<const float> values) = 0;
};

/// A finished part.
struct FinishedPart {
  RetrievalStage stage = RetrievalStage::kImages;
  std::uint64_t part = 0;
  std::vector<float> values;
};
using ItemSink = std::function<void(std::uint64_t item, std::span<const FinishedPart> parts)>;
/// The given pairs of a unit of images, sorted as all are.
using PairsOfUnit = std::function<std::vector<records::ScoredPair>(std::uint64_t unit)>;

/// A model on a device with one split. Stages may be repeated, but not called from several threads at once;
/// each throws Error(kInterrupted) between two batches, Error(kData) where an image cannot be read,
/// Error(kDevice) and Error(kCheckpoint) where the head is missing.
///
/// Memory does not grow with the data set, apart from the token ids and the scores: images are decoded and
/// encoded again in the second pass (a thousandth of the pairs' work), captions once a unit.
class RetrievalRunner {
 public:
  /// How far a stage is: `done` more items of what it counts.
  using Advance = std::function<void(std::uint64_t done)>;

  /// Loads the weights. Both options must be resolved. Keeps references to images and captions, at least one
  /// of each: else Error(kData).
  RetrievalRunner(const checkpoint::Checkpoint& checkpoint, const EngineOptions& options,
                  const RetrievalOptions& retrieval, const ImageSource& images,
                  const CaptionTokens& captions);
  ~RetrievalRunner();

  const model::ModelConfig& config() const;
  bool has_itc() const;  ///< both embeddings
  bool has(CrossHead head) const;
  std::vector<std::pair<std::string, std::string>> environment() const;
  const RetrievalCounts& counts() const;

  /// From now on parts that `parts` has are taken from it, and others are added. Must outlive the stages.
  void keep_parts(PartStore& parts);

  /// For runs on several processes, which share a stage's parts out by items: a pass of the image tower, a
  /// bucket of captions; of the pairs, a unit of images with all its tiles.
  ///
  std::uint32_t images_per_unit() const;
  /// The items of the first two stages of which a part is not kept.
  std::vector<std::uint64_t> open_items(RetrievalStage stage) const;
  /// The units of images of which a tile is not kept: of scores.pairs, or of every pair.
  std::vector<std::uint64_t> open_units(std::span<const records::ScoredPair> pairs) const;
  std::vector<std::uint64_t> open_units_of_all() const;
  /// The pairs of one unit of images, which stand together.
  std::span<const records::ScoredPair> pairs_of_unit(std::span<const records::ScoredPair> pairs,
                                                     std::uint64_t unit) const;
  /// Computes the items that `items` gives and hands each one's parts to `sink`.
  void compute_items(RetrievalStage stage, UnitSource& items, const ItemSink& sink);
  /// The same for units of images and `pairs_of` them; without it, every pair.
  void compute_units(CrossHead head, UnitSource& units, const PairsOfUnit& pairs_of, const ItemSink& sink);

  /// Sets the sizes and both embeddings of `scores`. Advances by images and captions.
  void embed(records::RetrievalScores& scores, const Advance& advance = {});
  /// Sets ScoredPair::cross of scores.pairs, which find_candidates() made. Advances by pairs.
  void score_pairs(CrossHead head, records::RetrievalScores& scores, const Advance& advance = {});
  /// Sets the sizes and scores.dense. Advances by pairs.
  void score_all(CrossHead head, records::RetrievalScores& scores, const Advance& advance = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bteval::engine
