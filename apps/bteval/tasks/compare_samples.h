// The samples of several runs, side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "records/string_pool.h"
#include "tasks/finished_run.h"

namespace bteval::app {

/// How each sample of one run came out, in the order of ComparedSamples::ids.
struct RunSamples {
  std::vector<double> values;        ///< NaN: it does not count
  std::vector<std::uint32_t> ranks;  ///< 0: none
  std::vector<float> confidences;    ///< NaN: none
  std::vector<records::StringPool::Id> predictions;
};

/// A property to slice by.
struct SliceColumn {
  static constexpr records::StringPool::Id kNone = 0xffffffff;
  std::string name;
  std::vector<records::StringPool::Id> values;  ///< a sample's value, kNone where it has none
};

struct ComparedSamples {
  std::vector<std::string> ids;
  std::vector<std::uint32_t> cluster_of;  ///< [samples]
  std::size_t clusters = 0;
  records::StringPool strings;      ///< predictions and values of slices
  std::vector<SliceColumn> slices;  ///< as the first run has them, and "words": how many the text has
  std::vector<RunSamples> runs;
  std::vector<std::string> differences;  ///< why the runs do not have the same samples, one line a reason

  std::size_t samples() const { return ids.size(); }
};

/// Reads samples.jsonl of every run with `threads` threads (0: one a core); runs.front() decides order,
/// clusters and slices. Samples that not all runs have, or that count in some runs only, are told in
/// `differences` and left out. Error(kData) where a run has no samples.jsonl or an id stands twice.
ComparedSamples read_compared_samples(const std::vector<FinishedRun>& runs, int threads = 0);

/// "1-4", "5-6", "7-9", "10-14", "15-19" or "20+": the bucket of a text's number of words; "" for no words.
std::string words_bucket(std::string_view text);

}  // namespace bteval::app
