// Labels and predictions of NLVR2 (Suhr et al., 2019). Field names are those of the published files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bteval::records {

/// A part of a split that is scored by itself.
struct SampleSubset {
  std::string name;                    ///< "balanced", "unbalanced", "negation"
  std::vector<std::uint32_t> samples;  ///< indices into SampleSet::samples, each once
};

/// What is known about the examples of a split, in the order of its SampleSet.
struct Nlvr2Labels {
  std::vector<std::optional<bool>> labels;      ///< nothing where the label is not public
  std::vector<std::uint32_t> group_of_example;  ///< examples of one sentence about one image set
  std::uint32_t num_groups = 0;
  std::vector<SampleSubset> subsets;     ///< "balanced" and "unbalanced", where they are given
  std::vector<SampleSubset> categories;  ///< reasoning categories, sorted by name; they may overlap
};

struct Nlvr2Prediction {
  std::string identifier;  ///< "dev-850-0-1"
  bool prediction = false;
};

}  // namespace bteval::records
