// What the interactive report shows of finished runs besides the leaderboard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/report_page.h"

namespace bteval::app {

/// Which samples can be browsed.
enum class SampleChoice {
  kAll,
  kWrong,  ///< those with a value below 0.5 in some run of the group
  kFlips,  ///< those whose value is not the first run's in some run of the group
};

struct ReportPageOptions {
  std::vector<std::filesystem::path> runs;
  std::uint32_t resamples =
      1000;                      ///< of bootstrap and randomisation, as in CompareOptions; 0: no differences
  std::size_t samples = 10'000;  ///< at most so many of each group are put into the page
  SampleChoice from = SampleChoice::kAll;
  int thumbnail_px = 128;      ///< longer side; 0: none
  std::filesystem::path data;  ///< where images are searched that are not at their old place; may be empty
  int threads = 0;             ///< 0: one a core
};

/// Puts runs that `bteval compare` would compare, and that are of the same part of their split, into one
/// group, in the order of their first appearance; groups of one task stand together. Charts are of all
/// samples that all runs of a group have. Memory grows with the number of samples, but not with their texts,
/// of which only the shown ones are kept. What a reader must know is added to `warnings`: runs without
/// samples.jsonl (they are left out), samples that not all runs have, images without a thumbnail.
/// Error(kData) where a folder is no finished run or its files are damaged.
reports::ReportPage make_report_page(const ReportPageOptions& options, std::vector<std::string>& warnings);

}  // namespace bteval::app
