// `bteval export`: runs in the forms that other tools read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

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

}  // namespace bteval::app
