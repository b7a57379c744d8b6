// `bteval export`: runs in the forms that other tools read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/sample_table.h"

namespace bteval::app {

/// Hugging Face model-card metadata: a YAML mapping with "model-index", one result a run and split, each
/// metric with the run's signature among its arguments. To stand between the "---" lines of a README.md.
/// `name` is the model's. Throws what rows_of_runs() does; Error(kData) where no run has a score.
std::string model_index_yaml(const std::vector<std::filesystem::path>& runs, const std::string& name);

/// A run as MLflow's file store keeps it: metrics/NAME with one line "milliseconds value step", params/NAME
/// (options, digests of the inputs) and tags/NAME (signature, identity, task, split). Characters that
/// MLflow's names do not have become '_'. Returns the number of files. Error(kData) where one cannot be
/// written.
std::size_t write_mlflow_files(const std::filesystem::path& run, const std::filesystem::path& out);

/// Writes a run's samples as a table, see reports::SampleTableWriter, with a column for every slice that some
/// sample has, and task, split, signature and identity as "bteval.NAME" in the schema's metadata. Returns the
/// number of rows. Error(kUsage) where bteval was built without what the format needs; Error(kData) where the
/// run is damaged or has no samples.jsonl.
std::size_t write_sample_table(const std::filesystem::path& run, reports::SampleTableFormat format,
                               const std::filesystem::path& out);

}  // namespace bteval::app
