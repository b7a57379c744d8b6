// How one sample of a run came out: what comparisons, slices and sample browsers read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bteval::records {

struct SampleResult {
  std::string id;  ///< the data set's own id; for retrieval "image:<id>" or "caption:<id>"
  /// Samples of one cluster are not independent of each other: the image (VQAv2, SNLI-VE, retrieval), or the
  /// sentence with its image pairs (NLVR2).
  std::string cluster;
  std::optional<double> value;      ///< what it adds to the mean that is the score, 0 to 1; nothing where it
                                    ///< does not count, or the split has no labels
  std::optional<float> confidence;  ///< probability of the prediction, where the head gives one
  std::optional<std::uint32_t> rank;  ///< retrieval: rank of the best right answer, from 1
  std::string prediction;             ///< "" where the sample was refused
  std::vector<std::string> targets;   ///< right answers, the most frequent first
  std::string text;                   ///< question, sentence, hypothesis or caption
  std::vector<std::string> images;    ///< paths as the run has read them
  std::string refused;                ///< why there is no prediction; "" where there is one
  /// Properties to slice by: {"answer type", "yes/no"}, {"question type", "how many"}.
  std::vector<std::pair<std::string, std::string>> slices;
};

}  // namespace bteval::records
