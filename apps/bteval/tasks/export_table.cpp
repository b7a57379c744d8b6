#include <algorithm>

#include "core/bytes.h"
#include "core/error.h"
#include "core/json.h"
#include "core/read_file.h"
#include "reports/sample_results.h"
#include "tasks/export_run.h"
#include "tasks/finished_run.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;
using records::SampleResult;

/// The names of all slices, in order of appearance.
std::vector<std::string> slice_names(const Bytes& file) {
  std::vector<std::string> names;
  const auto drop_rest = [](SampleResult& sample) {
    SampleResult kept;
    kept.slices = std::move(sample.slices);
    sample = std::move(kept);
  };
  reports::read_sample_results(file, 0, drop_rest, [&](SampleResult&& sample) {
    for (const auto& [name, value] : sample.slices) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  });
  return names;
}

}  // namespace

std::size_t write_sample_table(const fs::path& folder, reports::SampleTableFormat format,
                               const fs::path& out) {
  const FinishedRun run = open_finished_run(folder);
  reports::SampleTableOptions options{out, format, {}, {}};
  if (!reports::can_write_sample_table(format)) reports::open_sample_table(options);  // says why
  const auto file = read_file(folder / "samples.jsonl");
  options.slices = slice_names(*file);
  for (const char* name : {"task", "split", "signature", "identity"})
    options.metadata[std::string("bteval.") + name] = run.manifest.value(name, "");
  const auto table = reports::open_sample_table(options);
  std::size_t rows = 0;
  reports::read_sample_results(
      *file, 0, [](SampleResult&) {},
      [&](SampleResult&& sample) {
        table->add(sample);
        ++rows;
      });
  table->commit();
  return rows;
}

}  // namespace bteval::app
