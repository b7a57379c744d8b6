// samples.jsonl as a table that data-frame libraries read: an Arrow IPC file ("Feather V2") or Parquet. This
// header needs no Arrow; the one .cpp file behind it does.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "records/sample_result.h"

namespace bteval::reports {

enum class SampleTableFormat { kArrow, kParquet };

/// Whether bteval was built with what the format needs.
bool can_write_sample_table(SampleTableFormat format);

struct SampleTableOptions {
  std::filesystem::path file;
  SampleTableFormat format = SampleTableFormat::kArrow;
  std::vector<std::string> slices;              ///< the properties that get a column; others are left out
  std::map<std::string, std::string> metadata;  ///< kept with the schema
};

/// Writes one row a sample; the file appears with commit(). Columns: id, cluster (text), value (float64),
/// confidence (float32), rank (uint32), prediction, refused (text), targets (list of texts), text, images
/// (list of texts), and "slices.NAME" (text) by option. What a sample does not have is null, as is the
/// prediction of a refused one; lists are empty instead. Parquet is compressed with Zstandard where Arrow has
/// it; Arrow files are not compressed, so that they can be mapped.
class SampleTableWriter {
 public:
  virtual ~SampleTableWriter() = default;
  SampleTableWriter(const SampleTableWriter&) = delete;
  SampleTableWriter& operator=(const SampleTableWriter&) = delete;

  /// Error(kData) naming the file where it cannot be written.
  virtual void add(const records::SampleResult& result) = 0;
  virtual void commit() = 0;

 protected:
  SampleTableWriter() = default;
};

/// Error(kUsage) saying how to build with Arrow where bteval was built without what the format needs.
std::unique_ptr<SampleTableWriter> open_sample_table(const SampleTableOptions& options);

}  // namespace bteval::reports
