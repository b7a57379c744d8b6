// samples.jsonl of a run directory: one line a sample, docs/format_run.md describes it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/bytes.h"
#include "records/sample_result.h"

namespace bteval::reports {

/// Writes the file line by line; it appears with commit(). The same results give the same bytes.
class SampleResultWriter {
 public:
  explicit SampleResultWriter(const std::filesystem::path& path);
  void add(const records::SampleResult& result);
  void commit();

 private:
  AtomicFile file_;
  std::string buffer_;
};

/// Reads such a file and hands each line's result to `sink`, in order. Error(kData) naming file, line and
/// byte offset where it is malformed. Members that this version does not know are skipped.
void read_sample_results(const Bytes& file, const std::function<void(records::SampleResult&&)>& sink);

/// The same with `threads` threads (0: one a core) that read lines. `prepare` is called by any of them, at
/// any time and for several samples at once: to drop there what `sink` does not need. `sink` is called for
/// one sample after the other, in order, whichever thread that is.
void read_sample_results(const Bytes& file, int threads,
                         const std::function<void(records::SampleResult&)>& prepare,
                         const std::function<void(records::SampleResult&&)>& sink);

/// All of them.
std::vector<records::SampleResult> read_sample_results(const Bytes& file);

}  // namespace bteval::reports
