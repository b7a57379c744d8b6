// Any bytes as the files of a finished run: what `report`, `compare` and `export` read of it, or a
// bteval::Error of kind data.
//
// Three parts: manifest.json, metrics.json and samples.jsonl.
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "parts.h"
#include "reports/manifest.h"
#include "support/test_paths.h"
#include "tasks/compare_checks.h"
#include "tasks/compare_samples.h"
#include "tasks/export_run.h"
#include "tasks/report_rows.h"

namespace {

using namespace bteval;

void write(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

template <typename Read>
void check(const std::filesystem::path& folder, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kData);
    fuzz::require(error.context().file.starts_with(folder.string()));
    fuzz::require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::TempDir scratch;
  const auto folder = scratch.path();
  const auto input = fuzz::parts({reinterpret_cast<const char*>(data), size}, 3);
  write(folder / "manifest.json", input[0]);
  write(folder / "metrics.json", input[1]);
  write(folder / "samples.jsonl", input[2]);
  check(folder, [&] {
    const auto run = app::open_finished_run(folder);
    reports::manifest_identity(parse_ordered_json(input[0], (folder / "manifest.json").string()),
                               (folder / "manifest.json").string());
    fuzz::require(app::comparability_problems(run, run).empty());
  });
  check(folder, [&] {
    std::vector<std::string> warnings;
    for (const auto& row : app::rows_of_runs({folder}, 16, warnings, true)) {
      for (const auto& [key, value] : row.values) fuzz::require(!std::isnan(value.value));
    }
    app::model_index_yaml({folder}, "a run");
  });
  check(folder, [&] {
    const auto run = app::open_finished_run(folder);
    const auto samples = app::read_compared_samples({run, run}, 1);
    fuzz::require(samples.differences.empty() && samples.runs.size() == 2);
    for (std::size_t i = 0; i < samples.samples(); ++i) {
      fuzz::require(samples.cluster_of[i] < samples.clusters);
      for (const auto& one : samples.runs)
        fuzz::require(std::isnan(one.values[i]) || (one.values[i] >= 0 && one.values[i] <= 1));
    }
  });
  return 0;
}
