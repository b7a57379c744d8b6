// The pair plan: which (image, text) pairs are computed, in which order and in which work units.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "records/sample.h"

namespace bteval::engine {

struct PlanOptions {
  std::uint32_t images_per_unit = 0;  ///< a unit is closed when it holds this many images,
  std::uint32_t samples_per_unit =
      0;                    ///< or at least this many samples; an image's samples are never torn apart
  std::uint64_t limit = 0;  ///< only the first samples of the file; 0: all

  /// Throws Error(kUsage) where a limit of a unit is 0: EngineOptions::resolve() fills them for the device.
  void validate() const;
};

/// An image as one side of a pair. NLVR2's right image takes another row of the token type embedding than the
/// left one, so the same picture can be two views.
struct ImageView {
  std::uint32_t image = 0;  ///< index into SampleSet::images
  std::uint8_t type = 1;    ///< row of token_type_embeddings
  bool operator==(const ImageView&) const = default;
};

/// A sample of a unit, with its images as indices into WorkUnit::views.
struct PlannedSample {
  std::uint32_t sample = 0;          ///< index into SampleSet::samples
  std::vector<std::uint32_t> views;  ///< one per image of the sample
};

/// What one device computes in one go. Its content never depends on the number of processes or on timing.
struct WorkUnit {
  std::uint64_t index = 0;
  std::vector<ImageView> views;
  std::vector<PlannedSample> samples;
};

/// A pure function of the data set and the options: samples that share their (first) image stand together, in
/// the order in which the images first appear; inside an image, in file order.
class PairPlan {
 public:
  PairPlan(const records::SampleSet& set, const PlanOptions& options);

  std::span<const WorkUnit> units() const { return units_; }
  std::uint64_t num_samples() const { return num_samples_; }
  std::uint64_t num_pairs() const { return num_pairs_; }
  /// Image tower passes. At most one per image and unit.
  std::uint64_t num_views() const { return num_views_; }

 private:
  std::vector<WorkUnit> units_;
  std::uint64_t num_samples_ = 0, num_pairs_ = 0, num_views_ = 0;
};

}  // namespace bteval::engine
