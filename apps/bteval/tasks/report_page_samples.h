// The samples of the interactive report.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "reports/report_page.h"
#include "tasks/compare_samples.h"
#include "tasks/finished_run.h"
#include "tasks/report_page.h"

namespace bteval::app {

/// Samples to show, ascending, and what they are in words.
struct ChosenSamples {
  std::vector<std::size_t> indices;
  std::string description;
};

/// At most `limit` samples of the choice. Where there are more, those with the smallest SHA-256 of their ids:
/// as good as drawn at random, and the same for all runs and on all machines.
ChosenSamples choose_samples(const ComparedSamples& samples, SampleChoice from, std::size_t limit,
                             int threads);

/// Image files by path: each has one number, however many samples show it.
class PageImages {
 public:
  std::size_t index_of(const std::string& path);
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> paths_;
};

/// Fills group.slices and group.samples. Texts, targets and images are read again from the first run's file,
/// reasons of refusals from each run's, so that nothing needs to be kept of samples that are not shown.
void add_page_samples(const std::vector<FinishedRun>& runs, const ComparedSamples& samples,
                      const std::vector<std::size_t>& chosen, int threads, PageImages& images,
                      reports::PageGroup& group);

}  // namespace bteval::app
